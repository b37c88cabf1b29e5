"""Prepare and finish each page: its session and language, the end of a staff session, and the header's buttons."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header

from secretary.kernel.language import moment
from secretary.kernel.templatetags.unbroken import with_punctuation
from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.one_session import is_current, signed_in_since
from subscriptions.accounts.sign_in_limits import REFUSED
from subscriptions.accounts.sign_in_trail import MARK
from subscriptions.preferences.reading import TEXT_SIZES
from subscriptions.web.display import ATTRIBUTE, KEY, keep_choice, keep_with_person
from subscriptions.web.session import signed_in, typed
from subscriptions.web.session.signed_in import SessionStore
from subscriptions.web.session.typed import SET_CONTRAST, SET_LANGUAGE, SET_SIZE, SET_TIME
from subscriptions.web.staff import came_back, choose_password
from subscriptions.web.staff.choose_password import MUST
from subscriptions.web.staff.locked import locked
from subscriptions.web.staff.session_end import STAFF_SITES, latest_end

Handler = Callable[[HttpRequest], HttpResponse]
KEPT_AT = "kept_at"  # in the session: when its end was put off last, in seconds since the epoch
PUT_OFF_EVERY = timedelta(minutes=1)


class SeldomSaved(SessionMiddleware):
    """Save the session of staff with each request, from which their idle time counts; a citizen's where it has changed,
    and once a minute, so that its row stays: their sign-in ends at a time of its own (signed_in.py).

    A page that changes nothing so writes nothing, and takes nothing back that another window has just kept.
    """

    def __init__(self, get_response: Handler) -> None:
        super().__init__(get_response)
        self.SessionStore = SessionStore

    def process_request(self, request: HttpRequest) -> None:
        request.session = session = SessionStore(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        session.with_person = request.META["REQUEST_METHOD"] in ("GET", "HEAD")  # it only looks

    def process_response(self, request: HttpRequest, response: HttpResponse) -> Any:
        session = getattr(request, "session", None)
        was_read = hasattr(session, "_session_cache")  # not where the database is away: nothing is written then
        if session is not None and was_read and not session.is_empty() and _is_due(session):
            session[KEPT_AT] = clock_now().timestamp()
        return super().process_response(request, response)


def _is_due(session: Any) -> bool:
    age = clock_now().timestamp() - float(session.get(KEPT_AT, 0.0))
    return SESSION_KEY in session or not 0 <= age < PUT_OFF_EVERY.total_seconds()


class ChosenLanguageMiddleware:
    """The language that the person chose; before a choice, the first of the browser's that the site has; else Korean.

    A choice on this device is a cookie, so that it survives signing in and out. Without one, a signed-in person's own
    language holds.
    """

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        mine = _remember_reader(request)
        chosen = _ours(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")) or _ours(mine.get("language", ""))
        language = chosen or _preferred(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self._get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
            if request.LANGUAGE_CODE == "en" and not response.streaming and _is_page(response):
                response.content = with_punctuation(response.content)
        patch_vary_headers(response, ("Accept-Language",))
        return response


def _is_page(response: HttpResponse) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html")


def _remember_reader(request: HttpRequest) -> dict[str, Any]:
    """Return what the signed-in person has chosen (fields of `Reading`), and keep it with the request; {} for visitors.

    Without a database there is no session: the page about it is shown as the device has chosen.
    """
    try:
        mine = dict(request.session.get(KEY) or {})
    except DatabaseError:
        mine = {}
    setattr(request, ATTRIBUTE, mine)
    return mine


def _ours(language: str) -> str:
    return language if language in dict(settings.LANGUAGES) else ""


def _preferred(accepted: str) -> str:
    """Return the first of our languages in an Accept-Language header ("en-GB,en;q=0.9")."""
    ours = dict(settings.LANGUAGES)
    wanted = (code.partition("-")[0] for code, _quality in parse_accept_lang_header(accepted.lower()))
    return next((code for code in wanted if code in ours), settings.LANGUAGE_CODE)


class StaffSessions:
    """End sessions of staff by one rule, on the officials' pages and in the administration, before any view runs;
    answer tries that a limit refused.

    Idle: SESSION_SECONDS after the last request (as for citizens). In any case: STAFF_SESSION_HOURS after signing in,
    and when the account signs in elsewhere: it works in one session. The page for signing in says which it was, and
    what was typed is there again for the same account (came_back.py).
    """

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(STAFF_SITES):
            return self._get_response(request)
        request.typed_before = partial(typed.typed_before, request)  # type: ignore[attr-defined]
        known = came_back.before(request)
        if ended := _end_what_is_over(request, known):
            messages.warning(request, ended)
        response = _forced(request) or self._get_response(request)
        if getattr(request, REFUSED, None):
            return locked(request)
        if _has_session(request) or known is not None:
            if ended and known is not None and request.POST and SESSION_KEY not in request.session:
                came_back.keep_typed(request, known.account)
            came_back.remember(request, response, known)
        return response


def _forced(request: HttpRequest) -> HttpResponse | None:
    """Return the way to the page for one's own password, where it was given by others and not chosen yet."""
    return choose_password.lead_to_page(request) if _has_session(request) and MUST in request.session else None


def _has_session(request: HttpRequest) -> bool:
    """Return whether there is a session at all, so that none is read without its cookie."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES or request.session.modified


def _end_what_is_over(request: HttpRequest, known: came_back.Before | None) -> str:
    """End a session that is over; return why it is, "" where it goes on or there was none."""
    if _has_session(request) and SESSION_KEY in request.session:
        why = _why_over(request)
        if why:
            logout(request)
        return why
    if known is None:
        return ""
    if came_back.is_whole_day(known):
        return _whole_day_is_over()
    minutes = settings.SESSION_COOKIE_AGE // 60
    return _("You were signed out after %(minutes)s minutes without a page. Please sign in again.") % {
        "minutes": minutes
    }


def _whole_day_is_over() -> str:
    return _("You were signed out after %(hours)s hours, the longest time. Please sign in again.") % {
        "hours": settings.STAFF_SESSION_HOURS
    }


def is_over(request: HttpRequest, now: datetime) -> bool:
    """Return whether the session began too long ago, or its beginning is not recorded."""
    return now > latest_end(request)


def _why_over(request: HttpRequest) -> str:
    """Return why this session of staff ends now; "" while it goes on."""
    if is_over(request, clock_now()):
        return _whole_day_is_over()
    account, mark = int(request.session[SESSION_KEY]), request.session.get(MARK, "")
    if is_current(account, mark) and request.user.is_authenticated:
        return ""
    since = signed_in_since(account)
    if since is None or is_current(account, mark):
        return _(
            "You were signed out, because the password of your account was changed, its second factor was reset, or it "
            "was switched off. If you did not expect that, call your account manager."
        )
    words = _(
        "You were signed out here, because your account signed in elsewhere at %(time)s. If that was not you, call "
        "your account manager at once."
    )
    return words % {"time": moment(since)}


class Redisplay:
    """Change text size, contrast, language or the end of the sign-in from within a form, and show it again as typed.

    The buttons belong to the page's form (`form="page-form"`), so that a browser without scripts sends along what was
    typed. Nothing of it is checked or stored; the page answers as to a GET. A citizen's form with nothing in it is
    answered by a redirect; after any other, static/posted.js keeps the browser's way back from posting it once more.
    After the check of the CSRF token: no other site can fill in a form here.
    """

    def __init__(self, get_response: Handler) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        for cookie, value in getattr(request, "display_chosen", {}).items():
            keep_choice(response, cookie, value)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        chosen = {name: request.POST[name] for name in request.POST if name.startswith("set-")}
        if chosen.keys() & {SET_LANGUAGE, SET_SIZE, SET_CONTRAST, SET_TIME}:
            _apply(request, chosen)
            if typed.is_empty(request) and not request.path_info.startswith(STAFF_SITES):
                return redirect(request.get_full_path())
            typed.show_again(request)
        return None


def _apply(request: HttpRequest, chosen: dict[str, Any]) -> None:
    """Apply the choices to this request's page, and note them for the cookies of the answer."""
    cookies: dict[str, str] = {}
    if (language := chosen.get(SET_LANGUAGE)) in dict(settings.LANGUAGES):
        cookies[settings.LANGUAGE_COOKIE_NAME] = request.LANGUAGE_CODE = str(language)
        translation.activate(str(language))
    if (size := chosen.get(SET_SIZE)) in TEXT_SIZES:
        cookies["text_size"] = str(size)
    if (contrast := chosen.get(SET_CONTRAST)) in ("on", "off"):
        cookies["contrast"] = str(contrast)
    if SET_TIME in chosen:
        signed_in.more_time(request)
    request.COOKIES.update(cookies)
    keep_with_person(request, size=cookies.get("text_size", ""), contrast=cookies.get("contrast", ""))
    _remember_reader(request)
    request.display_chosen = cookies  # type: ignore[attr-defined]


def page_for_buttons(get_response: Handler) -> Handler:
    """Show a page with a way back where an address that only a button posts to was opened: reloaded, or kept as a
    bookmark. Programs, whose views need no CSRF token, get the bare answer."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or request.method != "GET":
            return response
        if request.resolver_match is None or getattr(request.resolver_match.func, "csrf_exempt", False):
            return response
        page = render(request, "405.html", {"back": _section(request.path_info)}, status=response.status_code)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    return handle


def _section(path: str) -> str:
    """Return the page of the section of this address; "" where it has none."""
    section = f"/{path.split('/')[1]}/"
    try:
        resolve(section)
    except Resolver404:
        return ""
    return section if section != path else ""
