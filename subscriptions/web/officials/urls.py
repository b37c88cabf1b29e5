"""Route the officials' pages."""

from django.urls import path

from subscriptions.web.officials import accept, auth, correct, figures, lists, move, office_list, register, staff

app_name = "officials"

urlpatterns = [
    path("login/", auth.sign_in, name="login"),
    path("login/code/", auth.second_factor, name="second_factor"),
    path("login/recovery/", auth.recovery, name="recovery"),
    path("login/set-up/", auth.enrol, name="enrol"),
    path("invitation/", accept.accept_invitation, name="accept_invitation"),
    path("staff/", staff.staff, name="staff"),
    path("staff/<int:official_id>/", staff.staff_member, name="staff_member"),
    path("second-factor/", auth.my_second_factor, name="my_second_factor"),
    path("second-factor/another/", auth.another_authenticator, name="another_authenticator"),
    path("second-factor/codes/", auth.recovery_codes, name="recovery_codes"),
    path("more-time/", auth.more_time, name="more_time"),
    path("password/", auth.password, name="password"),
    path("logout/", auth.sign_out, name="logout"),
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
    path("list/<uuid:citizen_id>/slip/", register.slip_again, name="slip_again"),
    path("list/<uuid:citizen_id>/move/", move.move, name="move"),
    path("moves/", move.moves, name="moves"),
    path("figures/", figures.figures, name="figures"),
    path("list/<uuid:citizen_id>/end/", office_list.end, name="end"),
]
