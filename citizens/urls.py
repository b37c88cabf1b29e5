"""Route the pages of the signed-in citizen. Each room keeps its own addresses."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("citizens.inbox.urls")),
    path("", include("citizens.own_data.urls")),
]
