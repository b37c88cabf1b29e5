"""The addresses of the report on reach, within the administration: its sign-in and second factor hold."""

from django.contrib import admin
from django.urls import path

from notifications.reach import pages

shut = admin.site.admin_view

urlpatterns = [
    path("", shut(pages.report), name="reach_report"),
    path("reach.csv", shut(pages.report_as_csv), name="reach_csv"),
    path("<slug:code>/", shut(pages.kind), name="reach_kind"),
    path("<slug:code>/notices/", shut(pages.notices), name="reach_notices"),
]
