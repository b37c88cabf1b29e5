"""The addresses of the inbox. They name a notice by its number only."""

from django.urls import path

from citizens.inbox import views

app_name = "inbox"

urlpatterns = [
    path("inbox/", views.inbox, name="list"),
    path("inbox/<int:notice_id>/", views.notice, name="notice"),
    path("inbox/<int:notice_id>/print/", views.printed, name="print"),
    path("inbox/<int:notice_id>/days.ics", views.calendar, name="calendar"),
]
