"""Route the pages of agencies. Their API and its description stand under /api/agencies/."""

from django.urls import path

from notifications.agencies import key_pages, pages
from subscriptions.web.agencies.access import for_agency
from subscriptions.web.agencies.site import SITE
from subscriptions.web.staff.site_urls import site_urls

app_name = "agency"

urlpatterns = [
    *site_urls(SITE, admitted=for_agency),
    path("", pages.batches, name="batches"),
    path("batches/<int:number>/", pages.batch, name="batch"),
    path("batches/<int:number>/refused.csv", pages.refused_file, name="refused_file"),
    path("keys/", key_pages.keys, name="keys"),
    path("keys/<slug:key_id>/replace/", key_pages.replace, name="replace_key"),
    path("keys/<slug:key_id>/revoke/", key_pages.revoke, name="revoke_key"),
]
