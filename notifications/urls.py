from django.urls import include, path

from notifications.agencies.api import router
from notifications.intake.api import agencies_api, api
from notifications.receipts.receive import gateway_callback

api.add_router("", router)

urlpatterns = [
    path("agencies/", include("notifications.agencies.urls")),
    path("api/agencies/", agencies_api, name="agencies_api"),
    path("api/agencies/v1/", api.urls),
    path("webhooks/<slug:gateway>/", gateway_callback, name="gateway_callback"),
]
