"""Route the year ahead. The feed's address is the only one that is secret; no log has it (secretary/kernel/logs.py)."""

from django.urls import path

from citizens.calendar import pages

app_name = "year"

urlpatterns = [
    path("year/", pages.ahead, name="ahead"),
    path("year/print/", pages.printed, name="print"),
    path("year/calendar/", pages.address, name="address"),
    path("year/feed/<str:token>.ics", pages.feed, name="feed"),
]
