from django.urls import path

from notifications.intake.api import agencies_api, api
from notifications.receipts.receive import gateway_callback

urlpatterns = [
    path("api/agencies/", agencies_api, name="agencies_api"),
    path("api/agencies/v1/", api.urls),
    path("webhooks/<slug:gateway>/", gateway_callback, name="gateway_callback"),
]
