from django.urls import include, path

from payments import views

urlpatterns = [
    path("", include("payments.web.urls")),
    path("webhooks/payments/<slug:provider>/", views.provider_callback, name="provider_callback"),
]
