"""Write the texts of the identity check's pages: result, validity, and the next step."""

from collections.abc import Callable

from django import forms
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from secretary.kernel.korean.korean import format_time, masked_phone
from secretary.kernel.language import language, moment
from subscriptions.accounts.attempts import TooMany
from subscriptions.identity.contract import IdentityRefused, Reason
from subscriptions.web.identify import OwnNumber, TooSoon
from subscriptions.web.session.sent_code import SentCode

MINUTE = 60


def explain(form: forms.Form, failure: Exception, code: SentCode | None = None, *, about: str = "") -> None:
    """Add the result and the next step to the form.

    `code`: the one sent last. `about`: the code that the posted page was about, where known.
    """
    if isinstance(failure, TooMany):
        form.add_error(None, _too_many(failure))
    elif isinstance(failure, TooSoon):
        words = _("A code was sent a moment ago. You can ask for another one from %(time)s.")
        form.add_error(None, words % {"time": moment(failure.again_at, seconds=True)})
    elif isinstance(failure, OwnNumber):
        form.add_error("phone", same_number_words(failure.phone))
    elif not isinstance(failure, IdentityRefused):
        words = _("The identity check is not responding at the moment. Nothing is lost: please try again shortly.")
        form.add_error(None, words)
    elif code is not None and failure.reason == "wrong_code":
        form.add_error("code", _wrong(code, about))
    elif code is not None and failure.reason in DEAD:
        form.add_error(None, DEAD[failure.reason](code))
    else:
        form.add_error(None, REASONS[failure.reason]())


def same_number_words(phone: str) -> str:
    return _("You are reached at %(phone)s already. Nothing was changed.") % {"phone": masked_phone(phone)}


def until_words(code: SentCode) -> SafeString:
    """Return until when the code is valid. With scripts static/code-countdown.js counts down."""
    until = format_html('<strong class="nowrap">{}</strong>', format_time(code.until, language(), seconds=True))
    words = _("Please enter it by {until}.") if code.method == "sms" else _("Please confirm by {until}.")
    return format_html(
        '{} <span class="nowrap" id="time-left" data-seconds="{}" data-left="{}" data-over="{}"></span>',
        format_html(words, until=until),
        code.seconds_left,
        _("Time left: {minutes} min {seconds} s"),
        _("The time is up. Please have a new code sent."),
    )


def _wrong(code: SentCode, about: str) -> str:
    """Return the error for another code than the one sent last, perhaps an earlier one."""
    is_replaced = code.times_sent > 1 or about not in ("", code.mark)
    time = format_time(code.at, language(), seconds=is_replaced)
    if is_replaced:
        words = _("This is not the code of the newest message, sent at %(time)s. Earlier codes are no longer valid.")
    else:
        words = _("This is not the code we sent at %(time)s. Please look at the text message and enter it again.")
    tries = ngettext("You can try %(tries)d more time.", "You can try %(tries)d more times.", code.tries_left)
    return f"{words % {'time': time}} {tries % {'tries': code.tries_left}}"


def _expired(code: SentCode) -> str:
    if code.method == "app":
        return _("The time to confirm in the app is over. Please have it ask you again.")
    words = _("The time to enter this code (%(minutes)d minutes) ended at %(time)s. Please have a new one sent.")
    minutes = int((code.until - code.at).total_seconds()) // MINUTE
    return words % {"minutes": minutes, "time": format_time(code.until, language(), seconds=True)}


def _used_up(code: SentCode) -> str:
    words = _("A wrong code was entered %(tries)d times, so this code is no longer valid. Please have a new one sent.")
    return words % {"tries": settings.IDENTITY_CODE_TRIES}


def _too_many(failure: TooMany) -> str:
    time = moment(failure.until)
    if failure.limit.name.startswith(("code_sent", "light_asked")):
        return _("Too many codes have been sent. You can have a new one sent from %(time)s.") % {"time": time}
    return _("Too many attempts. Please try again after %(time)s.") % {"time": time}


DEAD: dict[str, Callable[[SentCode], str]] = {"expired": _expired, "used_up": _used_up}
REASONS: dict[Reason, Callable[[], str]] = {
    "not_yet": lambda: _("You are not confirmed yet. Please open PASS, confirm there, and press the button again."),
    "wrong_code": lambda: _("This is not the code we sent. Please look at the newest text message."),
    "unknown_person": lambda: _(
        "Your carrier could not confirm these details. Please check name, number, carrier and the 7 digits."
    ),
    "expired": lambda: _("This code is no longer valid. Please have a new one sent."),
    "used_up": lambda: _("This code is no longer valid. Please have a new one sent."),
    "too_many": lambda: _("There were too many attempts at your carrier. Please wait a few minutes and start again."),
    "already_confirmed": lambda: _("This code has been used already. Please start again."),
}
