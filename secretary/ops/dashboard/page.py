"""Show the dashboard: what became of a period's deliveries, and how things stand now. Each part by its own right."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from secretary.kernel.backoffice.periods import PERIODS, TODAY, since
from secretary.kernel.database.replica import from_replica
from secretary.ops.dashboard.deliveries import delivery_panels
from secretary.ops.dashboard.panels import Panel
from secretary.ops.dashboard.present_state import channel_panel, feed_panel, queue_panel, unreached_panel, yearly_panel

RIGHT = "notifications.view_deliveryhour"


@from_replica
def dashboard(request: HttpRequest, context: dict[str, Any], *, now: datetime) -> HttpResponse:
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied
    chosen = request.GET.get("period", "")
    period = chosen if chosen in PERIODS else TODAY
    page = {
        "title": _("Dashboard"),
        "periods": [(code, name, code == period) for code, name in PERIODS.items()],
        "since": since(period, now),
        "at": now,
        "ended": delivery_panels(period, now),
        "present": _present(request, now),
    }
    response = TemplateResponse(request, "admin/secretary/dashboard.html", {**context, **page})
    response["Cache-Control"] = "no-store"
    return response


def _present(request: HttpRequest, now: datetime) -> list[Panel]:
    drawn: tuple[tuple[str, Callable[[], Panel]], ...] = (
        ("notifications.view_queueentry", lambda: queue_panel(now)),
        ("notifications.view_channelstate", lambda: channel_panel(now)),
        ("notifications.view_feed", lambda: feed_panel(now)),
        ("subscriptions.view_unreached", unreached_panel),
        ("notifications.view_yearlyrun", yearly_panel),
    )
    return [draw() for right, draw in drawn if request.user.has_perm(right)]
