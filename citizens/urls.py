"""Route the pages of the signed-in citizen. Each room keeps its own addresses."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
