"""Route the officials' pages."""

from django.urls import path

from subscriptions.web.officials import accept, correct, family, figures, lists, move, office_list, register, staff
from subscriptions.web.officials.access import for_office
from subscriptions.web.officials.site import SITE
from subscriptions.web.staff.site_urls import site_urls

app_name = "officials"

urlpatterns = [
    *site_urls(SITE, admitted=for_office),
    path("invitation/", accept.accept_invitation, name="accept_invitation"),
    path("staff/", staff.staff, name="staff"),
    path("staff/<int:official_id>/", staff.staff_member, name="staff_member"),
    path("", register.register, name="register"),
    path("slip/", register.slip, name="slip"),
    path("lists/", lists.lists, name="lists"),
    path("lists/template.csv", lists.empty_list, {"kind": "csv"}, name="empty_csv"),
    path("lists/template.xlsx", lists.empty_list, {"kind": "xlsx"}, name="empty_xlsx"),
    path("lists/<int:upload_id>/", lists.list_of_seniors, name="list_of_seniors"),
    path("lists/<int:upload_id>/errors.csv", lists.wrong_rows, name="wrong_rows"),
    path("list/", office_list.office_list, name="list"),
    path("list/<uuid:citizen_id>/", office_list.entry, name="entry"),
    path("list/<uuid:citizen_id>/correct/", correct.correct, name="correct"),
    path("list/<uuid:citizen_id>/family/", family.family_member, name="family"),
    path("list/<uuid:citizen_id>/family/end/", family.end_family, name="end_family"),
    path("list/<uuid:citizen_id>/slip/", register.slip_again, name="slip_again"),
    path("list/<uuid:citizen_id>/move/", move.move, name="move"),
    path("moves/", move.moves, name="moves"),
    path("figures/", figures.figures, name="figures"),
    path("list/<uuid:citizen_id>/end/", office_list.end, name="end"),
]
