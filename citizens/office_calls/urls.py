"""The addresses of the call list, among the officials' pages: their sign-in and session rules hold."""

from django.urls import path

from citizens.office_calls import pages

urlpatterns = [
    path("", pages.calls, name="office_calls"),
    path("<uuid:citizen_id>/", pages.call, name="office_call"),
]
