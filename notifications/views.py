"""Callbacks of gateways, and the page that describes the agencies' API."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from notifications.api import api
from notifications.channels.contract import Callback, ForgedCallback, UnreadableCallback
from notifications.gateways import channel_of_gateway
from notifications.receipt_writer import receipt_writer
from secretary.common import clock


@csrf_exempt
@require_POST
def gateway_callback(request: HttpRequest, gateway: str) -> HttpResponse:
    """A gateway's receipts: authenticate the raw body, store each event once, answer. A task applies them."""
    adapter = channel_of_gateway(gateway)
    if adapter is None:
        return HttpResponse(status=404)
    if int(request.headers.get("content-length") or 0) > settings.WEBHOOK_MAX_BYTES:
        return HttpResponse(status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    url = f"{settings.PUBLIC_BASE_URL}{request.get_full_path()}"
    try:
        receipts = adapter.receive(Callback("POST", url, headers, request.body))
    except ForgedCallback:
        return HttpResponse(status=401)
    except UnreadableCallback:
        return HttpResponse(status=400)
    receipt_writer().write(gateway=gateway, receipts=receipts, now=clock.now())
    return HttpResponse(status=200)


@require_safe
def agencies_api(request: HttpRequest) -> HttpResponse:
    """The API for people: what to send, how to sign it, what comes back. The machine's form is beside it."""
    return render(request, "notifications/agencies_api.html", {"schema": api.get_openapi_schema()})
