"""Answer callbacks of gateways, and show the page that describes the agencies' API."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from notifications.intake.api import api
from notifications.receipts.receive import receive


@csrf_exempt
@require_POST
def gateway_callback(request: HttpRequest, gateway: str) -> HttpResponse:
    """Receive a gateway's callback, where no `CallbacksFirst` runs in front."""
    if int(request.headers.get("content-length") or 0) > settings.WEBHOOK_MAX_BYTES:
        return HttpResponse(status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    peer = str(request.META.get("REMOTE_ADDR", ""))
    status = receive(gateway=gateway, path=request.get_full_path(), headers=headers, body=request.body, peer=peer)
    return HttpResponse(status=status)


@require_safe
def agencies_api(request: HttpRequest) -> HttpResponse:
    """Show the API's documentation: requests, signatures, answers. The OpenAPI description is beside it."""
    return render(request, "notifications/agencies_api.html", {"schema": _description()})


@cache
def _description() -> dict[str, Any]:
    """Return the description, cached for the process: making it takes two thirds of the page's time."""
    return dict(api.get_openapi_schema())
