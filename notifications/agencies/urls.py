"""Route the pages of agencies. Their API and its description stand under /api/agencies/."""

from django.urls import path

from notifications.agencies import key_pages, pages
from subscriptions.web.agencies import auth

app_name = "agency"

urlpatterns = [
    path("login/", auth.sign_in, name="login"),
    path("login/code/", auth.second_factor, name="second_factor"),
    path("login/recovery/", auth.recovery, name="recovery"),
    path("login/set-up/", auth.enrol, name="enrol"),
    path("second-factor/", auth.my_second_factor, name="my_second_factor"),
    path("second-factor/another/", auth.another_authenticator, name="another_authenticator"),
    path("second-factor/codes/", auth.recovery_codes, name="recovery_codes"),
    path("password/", auth.password, name="password"),
    path("logout/", auth.sign_out, name="logout"),
    path("more-time/", auth.more_time, name="more_time"),
    path("", pages.batches, name="batches"),
    path("batches/<int:number>/", pages.batch, name="batch"),
    path("batches/<int:number>/refused.csv", pages.refused_file, name="refused_file"),
    path("keys/", key_pages.keys, name="keys"),
    path("keys/<slug:key_id>/replace/", key_pages.replace, name="replace_key"),
    path("keys/<slug:key_id>/revoke/", key_pages.revoke, name="revoke_key"),
]
