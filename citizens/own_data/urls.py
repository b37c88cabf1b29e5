"""Route the pages of a person's own data."""

from django.urls import path

from citizens.own_data import pages

app_name = "own_data"
urlpatterns = [
    path("my-data/", pages.overview, name="overview"),
    path("my-data/copy/", pages.ask, name="ask"),
    path("my-data/copy/<int:export_id>/", pages.download, name="download"),
    path("my-data/accesses/", pages.accesses, name="accesses"),
]
