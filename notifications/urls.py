from django.urls import path

from notifications import views
from notifications.intake.api import api

urlpatterns = [
    path("api/agencies/", views.agencies_api, name="agencies_api"),
    path("api/agencies/v1/", api.urls),
    path("webhooks/<slug:gateway>/", views.gateway_callback, name="gateway_callback"),
]
