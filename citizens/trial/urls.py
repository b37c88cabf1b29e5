"""Route the page of test messages."""

from django.urls import path

from citizens.trial import pages

app_name = "trial"
urlpatterns = [
    path("settings/test-message/", pages.trial, name="trial"),
]
