"""The addresses of the call centre, within the administration: its sign-in, second factor and session rules hold."""

from django.contrib import admin
from django.urls import path

from citizens.call_centre import pages
from citizens.call_centre.family_pages import stop_family
from citizens.call_centre.identity_pages import ask_who, withdraw_for

shut = admin.site.admin_view

urlpatterns = [
    path("", shut(pages.find), name="call_centre"),
    path("family/", shut(stop_family), name="call_centre_family"),
    path("caller/", shut(pages.caller), name="call_centre_caller"),
    path("caller/who/", shut(ask_who), name="call_centre_who"),
    path("caller/withdraw/", shut(withdraw_for), name="call_centre_withdraw"),
    path("caller/end/", shut(pages.end), name="call_centre_end"),
    path("caller/<int:notice_id>/another-way/", shut(pages.another_way), name="call_centre_another_way"),
    path("caller/<int:notice_id>/again/", shut(pages.again), name="call_centre_again"),
]
