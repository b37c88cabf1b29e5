"""Say when a working session ends, and put its end off at the press of a button that loses nothing typed."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from secretary.kernel.language import moment
from secretary.kernel.time.clock import now as clock_now
from subscriptions.accounts.sign_in_trail import SIGNED_IN_AT
from subscriptions.web.staff.came_back import KEEPS
from subscriptions.web.staff.entrance import part
from subscriptions.web.staff.site import StaffSite

STAFF_SITES = ("/admin/", "/officials/", "/agencies/")
SECONDS_LEFT = "X-Session-Seconds"  # for static/session-end.js


def latest_end(request: HttpRequest) -> datetime:
    """Return when the session ends however busy it is: STAFF_SESSION_HOURS after signing in."""
    began = datetime.fromtimestamp(float(request.session.get(SIGNED_IN_AT, 0.0)), UTC)
    return began + timedelta(hours=settings.STAFF_SESSION_HOURS)


def end_of(request: HttpRequest) -> datetime:
    """Return when the session ends if this was its last request."""
    return min(clock_now() + timedelta(seconds=settings.SESSION_COOKIE_AGE), latest_end(request))


def end_for_pages(request: HttpRequest) -> dict[str, object]:
    """Return what templates/staff/session_end.html shows. `final`: no button puts this end off any more; `keeps_typed`:
    what a form has is there again after signing in."""
    end = end_of(request)
    seconds = max(0, int((end - clock_now()).total_seconds()))
    final = end == latest_end(request)
    minutes, keeps = settings.SESSION_COOKIE_AGE // 60, request.path_info.startswith(KEEPS)
    return {"at": moment(end), "seconds": seconds, "final": final, "minutes": minutes, "keeps_typed": keeps}


def more_time(request: HttpRequest, site: StaffSite) -> HttpResponse:
    """Answer the button, in a window of its own where there are no scripts: each request puts the idle end off."""
    context = {"title": _("More time"), "until": moment(end_of(request)), "alone": True}
    answer = part(request, site, "more_time", context)
    answer[SECONDS_LEFT] = str(int((end_of(request) - clock_now()).total_seconds()))
    return answer
