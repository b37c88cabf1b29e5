"""Serve the agencies' API (django-ninja): one operation, its OpenAPI description, and answers that name mistakes."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from ninja import NinjaAPI, Schema
from ninja.responses import Status

from notifications.intake.ingest import BatchRefused, Counts
from notifications.intake.push import OtherBody, authenticate, ingest_push, note_refused_push
from notifications.intake.refusal_words import remedy_in_both
from notifications.sources.contract import SourceRefused
from secretary.kernel.audit.security_log import log_refusal
from secretary.kernel.http.standard_webhooks import SignatureRefused, Stale
from secretary.kernel.time import clock
from subscriptions.triggers import STATES
from subscriptions.web.addresses import client_address


class RemedyOut(Schema):
    """The meaning of the code and the way to correct the mistake, for people."""

    en: str
    ko: str


class RefusedLineOut(Schema):
    line: int
    external_id: str
    reason: str
    detail: str
    cure: RemedyOut  # its name in the published API


class PushOut(Schema):
    message_id: str
    repeated: bool
    read: int
    new: int
    changed: int
    duplicate: int
    refused: int
    refused_lines: list[RefusedLineOut]


class ProblemOut(Schema):
    code: str
    detail: str
    cure: RemedyOut  # its name in the published API
    refused_lines: list[RefusedLineOut] = []


VERSION = "grows with each correction; the same version with other content is refused, except where the feed has none"
RECORD: dict[str, Any] = {
    "type": "object",
    "required": ["external_id", "data_type", "subject", "fields"],
    "properties": {
        "external_id": {
            "type": "string",
            "maxLength": 64,
            "description": "the agency's own number, never reused; text, since a number loses its leading zeros",
        },
        "data_type": {"type": "string", "example": "traffic_fine"},
        "version": {"type": "integer", "minimum": 1, "default": 1, "description": VERSION},
        "state": {"type": "string", "enum": list(STATES), "default": "open"},
        "event": {"type": "string", "default": "opened"},
        "subject": {
            "type": "object",
            "description": "the CI, or name, birth date and phone, or both; never a resident number",
            "properties": {
                "ci": {"type": "string", "minLength": 88, "maxLength": 88},
                "name": {"type": "string"},
                "birth_date": {"type": "string", "format": "date"},
                "phone": {"type": "string"},
            },
        },
        "fields": {"type": "object", "description": "as the data type's schema says"},
    },
}
HEADERS = [
    {"in": "header", "name": name, "required": True, "schema": {"type": "string"}, "description": meaning}
    for name, meaning in (
        ("x-agency-key", "id of the signing key"),
        ("webhook-id", "unique id of this batch; a repeat changes nothing, another batch under it is refused (409)"),
        (
            "webhook-timestamp",
            "whole seconds since 1970-01-01 00:00 UTC, the same number in Korea as anywhere, within 5 minutes of now; "
            "the very same digits are signed (some libraries sign the wall clock of a local time: give them UTC)",
        ),
        ("webhook-signature", "v1,base64(HMAC-SHA256(key, id.timestamp.body)) as in Standard Webhooks"),
    )
]

api = NinjaAPI(
    title="Public Secretary: agencies' API",
    version="1",
    description="Deliver records about citizens. Batches are signed as in Standard Webhooks.",
    urls_namespace="agencies",
    docs_url=None,
)


@api.post(
    "/records",
    response={200: PushOut, **dict.fromkeys((400, 401, 409, 413, 422), ProblemOut)},
    summary="Deliver a batch of records",
    openapi_extra={
        "parameters": HEADERS,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["records"],
                        "properties": {"records": {"type": "array", "items": RECORD}},
                    }
                }
            },
        },
    },
)
def push_records(request: HttpRequest) -> Any:
    """Ingest a signed batch. The answer counts new, changed, duplicate and refused records, and names refused lines."""
    now = clock.now()
    if int(request.headers.get("content-length") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return Status(413, _problem("too_large", f"at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes a batch"))
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        feed, push = authenticate(headers=headers, body=request.body, now=now)
    except Stale as error:
        log_refusal("push", code=error.code, address=client_address(request))
        minutes = settings.WEBHOOK_TOLERANCE_SECONDS // 60
        detail = f"the timestamp is more than {minutes} minutes from now (now: {int(now.timestamp())})"
        return Status(400, _problem(error.code, detail + _hours_off(error)))
    except SignatureRefused as error:
        log_refusal("push", code=error.code, address=client_address(request))
        return Status(
            401, _problem(error.code, "key, id, timestamp or signature is missing or wrong" + _hours_off(error))
        )
    try:
        result = ingest_push(feed=feed, push=push, body=request.body, now=now)
    except SourceRefused as error:
        note_refused_push(feed=feed, message=str(error), counts=Counts(), now=now)
        return Status(413 if error.code == "too_large" else 400, _problem(error.code, error.detail))
    except OtherBody as error:
        note_refused_push(feed=feed, message=str(error), counts=Counts(), now=now)
        return Status(409, _problem("id_used", str(error)))
    except BatchRefused as error:
        note_refused_push(feed=feed, message=str(error), counts=error.counts, now=now)
        return Status(422, _problem("batch_refused", str(error), error.counts))
    return {
        "message_id": result.message_id,
        "repeated": result.repeated,
        "refused_lines": result.refused_lines,
        **result.counts,
    }


def _hours_off(error: SignatureRefused) -> str:
    """Return a hint for an agency that signed its wall clock as UTC, which the signature does not show."""
    if not error.hours_ahead:
        return ""
    hours, way = abs(error.hours_ahead), "ahead of" if error.hours_ahead > 0 else "behind"
    if isinstance(error, Stale):
        return f": it is {hours} h {way} now; timestamps are UTC seconds, not a wall clock"
    return f": the time that was signed is {hours} h {way} webhook-timestamp; sign the same UTC seconds that you send"


def _problem(code: str, detail: str, counts: Counts | None = None) -> dict[str, Any]:
    lines = counts.refusals[:100] if counts else []
    return {
        "code": code,
        "detail": detail,
        "cure": remedy_in_both(code),
        "refused_lines": [
            {
                "line": item.line,
                "external_id": item.external_id,
                "reason": item.reason,
                "detail": item.detail,
                "cure": remedy_in_both(item.reason),
            }
            for item in lines
        ],
    }


@require_safe
def agencies_api(request: HttpRequest) -> HttpResponse:
    """Show the API's documentation: requests, signatures, answers. The OpenAPI description is beside it."""
    return render(request, "notifications/agencies_api.html", {"schema": _description()})


@cache
def _description() -> dict[str, Any]:
    """Return the description, cached for the process: making it takes two thirds of the page's time."""
    return dict(api.get_openapi_schema())
