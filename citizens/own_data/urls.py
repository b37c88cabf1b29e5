"""Route the pages of a person's own data."""

from django.urls import path

from citizens.own_data import erase_pages, pages

app_name = "own_data"
urlpatterns = [
    path("my-data/", pages.overview, name="overview"),
    path("my-data/copy/", pages.ask, name="ask"),
    path("my-data/copy/<int:export_id>/", pages.download, name="download"),
    path("my-data/erase/", erase_pages.erase, name="erase"),
    path("erased/<slug:number>/", erase_pages.erased, name="erased"),
    path("my-data/accesses/", pages.accesses, name="accesses"),
]
