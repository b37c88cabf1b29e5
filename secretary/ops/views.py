import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from secretary.kernel.database.outage import RETRY_AFTER, is_outage
from secretary.kernel.database.retry import is_busy
from secretary.ops import health
from subscriptions.web.context import chosen_display

BUSY_RETRY_AFTER = {"Retry-After": "5"}  # seconds: the lock's holder has been ended or has finished by then
PROBLEMS = {
    False: {"code": "unavailable", "detail": "the database is away; nothing is known to be stored: send it again"},
    True: {"code": "busy", "detail": "it took longer than it may; nothing is known to be stored: send it again"},
}


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process can answer. No other check: a database that is down is no reason to restart us.

    Header x-run: by which ./run knows the servers that it has started from others on their ports.
    """
    return JsonResponse({"status": "ok"}, headers={"x-run": settings.RUN_TOKEN} if settings.RUN_TOKEN else None)


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 where requests should go, 503 where not, with the state of each part."""
    parts = health.parts()
    ready = set(parts.values()) == {"ok"}
    return JsonResponse({"status": "ok" if ready else "not ready", "parts": parts}, status=200 if ready else 503)


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`: Django calls it for an answer while it handles what a view or a middleware raised."""
    error = sys.exc_info()[1]
    if is_busy(error):
        return unavailable(request, busy=True)
    return unavailable(request) if is_outage(error) else defaults.server_error(request)


def unavailable(request: HttpRequest, *, busy: bool = False) -> HttpResponse:
    """503: a page for browsers, by their Accept header, and JSON for agencies and gateways. No database.

    `busy`: it is there, but a lock or a statement took longer than it may, or other transactions blocked it.
    """
    headers = BUSY_RETRY_AFTER if busy else RETRY_AFTER
    if "text/html" in request.headers.get("accept", ""):
        page = render_to_string("503.html", {"display": chosen_display(request), "busy": busy})  # no context processors
        return HttpResponse(page, status=503, headers=headers)
    return JsonResponse(PROBLEMS[busy], status=503, headers=headers)
