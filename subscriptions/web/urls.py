"""Route the citizens' pages."""

from django.urls import path

from subscriptions.web.citizens import booking, choices, finish, identity, landing, light, more, settings, undo
from subscriptions.web.display import set_display
from subscriptions.web.family.answer import family
from subscriptions.web.preferences import family_pages, history, number, pages, toss, toss_calls

app_name = "web"
SIGN_UP, SETTINGS = {"purpose": "sign_up"}, {"purpose": "settings"}

urlpatterns = [
    path("", landing.landing, name="landing"),
    path("display/", set_display, name="display"),
    path("sign-up/", identity.identify, SIGN_UP, name="identify"),
    path("sign-up/from/<slug:site>/", booking.arrive, name="from_booking_site"),
    path("sign-up/code/", identity.code, SIGN_UP, name="code"),
    path("sign-up/code/again/", identity.again, SIGN_UP, name="again"),
    path("sign-up/too-young/", identity.too_young, name="too_young"),
    path("sign-up/channels/", choices.channels, name="channels"),
    path("sign-up/data-types/", choices.data_types, name="data_types"),
    path("sign-up/consent/", choices.consent, name="consent"),
    path("sign-up/check/", finish.check, name="check"),
    path("sign-up/done/", finish.done, name="done"),
    path("settings/", settings.overview, name="settings"),
    path("sign-in/", light.number, name="sign_in"),
    path("sign-in/code/", light.code, name="sign_in_code"),
    path("sign-in/code/again/", light.again, name="sign_in_again"),
    path("settings/sign-in/", identity.identify, SETTINGS, name="settings_identify"),
    path("settings/sign-in/code/", identity.code, SETTINGS, name="settings_code"),
    path("settings/sign-in/code/again/", identity.again, SETTINGS, name="settings_again"),
    path("settings/send-again/", settings.again, name="try_again"),
    path("settings/sign-out/", settings.leave, name="leave"),
    path("settings/channels/", settings.channels, name="settings_channels"),
    path("settings/hours/", pages.hours, name="settings_hours"),
    path("settings/calm/", pages.calm, name="settings_calm"),
    path("settings/reading/", pages.reading, name="settings_reading"),
    path("settings/history/", history.history, name="history"),
    path("settings/number/", number.identify, name="number"),
    path("settings/number/code/", number.code, name="number_code"),
    path("settings/number/code/again/", number.again, name="number_again"),
    path("settings/toss/", toss.toss, name="toss"),
    path("settings/toss/start/", toss.start, name="toss_start"),
    path("settings/toss/end/", toss.end, name="toss_end"),
    path("family/", family, name="family"),
    path("settings/family/", family_pages.family_member, name="settings_family"),
    path("settings/family/end/", family_pages.end_family, name="end_family"),
    path("toss/login/", toss_calls.login, name="toss_login"),
    path("toss/unlinked/", toss_calls.unlinked, name="toss_unlinked"),
    path("settings/undo/", undo.undo, name="undo"),
    path("settings/more/", more.choose, name="more"),
    path("settings/more/consent/", more.consent, name="more_consent"),
    path("settings/no-calls/", settings.no_calls, name="no_calls"),
    path("settings/end/", settings.end, name="end_all"),
    path("settings/end/<slug:code>/", settings.end, name="end"),
]
