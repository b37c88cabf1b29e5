from django.urls import include, path

from notifications.agencies.api import router as figures
from notifications.intake.api import agencies_api, api
from notifications.intake.push import router as pushes
from notifications.receipts.receive import gateway_callback

api.add_router("", pushes)
api.add_router("", figures)

urlpatterns = [
    path("agencies/", include("notifications.agencies.urls")),
    path("api/agencies/", agencies_api, name="agencies_api"),
    path("api/agencies/v1/", api.urls),
    path("webhooks/<slug:gateway>/", gateway_callback, name="gateway_callback"),
]
