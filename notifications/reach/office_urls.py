"""The addresses of an office's own figures, among the officials' pages: their sign-in and session rules hold."""

from django.urls import path

from notifications.reach import office_pages

urlpatterns = [
    path("", office_pages.figures, name="office_reach"),
    path("people/", office_pages.people, name="office_reach_people"),
]
