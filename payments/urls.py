from django.urls import path

from payments import views

urlpatterns = [
    path("webhooks/payments/<slug:provider>/", views.provider_callback, name="provider_callback"),
]
