"""Describe the agencies' API (django-ninja and OpenAPI), and name mistakes in its answers. What agencies send stands in
push.py, what they read in notifications/agencies/api.py."""

from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from ninja import NinjaAPI, Schema
from ninja.openapi.schema import OpenAPISchema
from ninja.responses import Status

from notifications.intake.api_description import DESCRIPTION, EXAMPLES
from notifications.intake.ingest import Counts
from notifications.intake.refusal_words import remedy_in_both
from secretary.kernel.audit.security_log import log_refusal
from secretary.kernel.http.standard_webhooks import SignatureRefused, Stale
from secretary.kernel.time import clock
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
    value_masked: str  # what the value looks like, none of it
    cure: RemedyOut  # its name in the published API


class ProblemOut(Schema):
    code: str
    detail: str
    cure: RemedyOut  # its name in the published API
    now: str | None = None  # our time, where the signature or its time was refused
    refused_lines: list[RefusedLineOut] = []


class AgenciesApi(NinjaAPI):
    """The API, with a description that is made once per process and not for each request.

    It is the same in each language and for each host; only its paths begin with the prefix under which we are served.
    """

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        return self._described(self.get_root_path(path_params or {}) if path_prefix is None else path_prefix)

    @cache  # noqa: B019  (there is one API, which lives as long as the process)
    def _described(self, path_prefix: str) -> OpenAPISchema:
        return super().get_openapi_schema(path_prefix=path_prefix)


api = AgenciesApi(
    title="Public Secretary: agencies' API",
    version="1",
    description=DESCRIPTION.format(
        minutes=settings.WEBHOOK_TOLERANCE_SECONDS // 60,
        records=f"{settings.MAX_RECORDS_PER_PUSH:,}",
        bytes=f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,}",
        days=settings.KEPT_DAYS["pushes"],
    ),
    urls_namespace="agencies",
    docs_url=None,
)


def refuse_signature(request: HttpRequest, error: SignatureRefused, *, what: str, now: datetime) -> Any:
    """Return the answer to a request that is not authentic, or too far from now; with our time, so that the agency can
    set its clock by it."""
    log_refusal(what, code=error.code, address=client_address(request))
    if isinstance(error, Stale):
        minutes = settings.WEBHOOK_TOLERANCE_SECONDS // 60
        detail = f"the timestamp is more than {minutes} minutes from now (now: {int(now.timestamp())})"
        return Status(400, problem(error.code, detail + _hours_off(error), now=now))
    detail = "key, id, timestamp or signature is missing or wrong" + _hours_off(error)
    return Status(401, problem(error.code, detail, now=now))


def _hours_off(error: SignatureRefused) -> str:
    """Return a hint for an agency that signed its wall clock as UTC, which the signature does not show."""
    if not error.hours_ahead:
        return ""
    hours, way = abs(error.hours_ahead), "ahead of" if error.hours_ahead > 0 else "behind"
    if isinstance(error, Stale):
        return f": it is {hours} h {way} now; timestamps are UTC seconds, not a wall clock"
    return f": the time that was signed is {hours} h {way} webhook-timestamp; sign the same UTC seconds that you send"


def problem(code: str, detail: str, counts: Counts | None = None, *, now: datetime | None = None) -> dict[str, Any]:
    lines = counts.refusals[:100] if counts else []
    return {
        "code": code,
        "detail": detail,
        "cure": remedy_in_both(code),
        "now": as_instant(now) if now is not None else None,
        "refused_lines": [
            {
                "line": item.line,
                "external_id": item.external_id,
                "reason": item.reason,
                "detail": item.detail,
                "value_masked": item.value,
                "cure": remedy_in_both(item.reason),
            }
            for item in lines
        ],
    }


def as_instant(instant: datetime) -> str:
    """Return an instant as the API writes it: Korea's time with its offset, to the second."""
    return instant.astimezone(clock.KST).isoformat(timespec="seconds")


@require_safe
def agencies_api(request: HttpRequest) -> HttpResponse:
    """Show the API's documentation: requests, signatures, answers. The OpenAPI description is beside it."""
    limits = {
        "tolerance_minutes": settings.WEBHOOK_TOLERANCE_SECONDS // 60,
        "most_records": f"{settings.MAX_RECORDS_PER_PUSH:,}",
        "most_bytes": f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,}",
        "repeat_days": settings.KEPT_DAYS["pushes"],
    }
    path, operations = next(iter(api.get_openapi_schema()["paths"].items()))
    context = {"path": path, "operation": operations["post"], "examples": list(EXAMPLES.values()), **limits}
    return render(request, "notifications/agencies_api.html", {**context, "base": path.removesuffix("/records")})
