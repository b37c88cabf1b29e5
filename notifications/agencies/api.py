"""Let an agency's machine read what came of its batches: the same figures as its pages, signed by the same keys."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status

from notifications.agencies.batches import batch_of, batch_of_message, batches_of, message_ids, refused_lines
from notifications.agencies.figures import OUTCOMES, Outcome, outcome_of
from notifications.intake.api import ProblemOut, RemedyOut, as_instant, problem, refuse_signature
from notifications.intake.api_description import SIGNED_GET
from notifications.intake.push import authenticate
from notifications.intake.refusal_words import remedy_in_both
from notifications.models import FeedRun
from secretary.kernel.http.standard_webhooks import SignatureRefused
from secretary.kernel.time import clock
from subscriptions.models import Agency

SIZE, LINES = 50, 500
PROBLEMS = {400: ProblemOut, 401: ProblemOut, 404: ProblemOut}
router = Router()


class FigureOut(Schema):
    """`count`, or null where the figure is smaller than `fewer_than`."""

    count: int | None
    fewer_than: int | None


class OutcomeOut(Schema):
    """`records` count in the batch that brought their newest version; `replaced` by later ones count there. The figures
    are null for a batch about fewer than 10 people; `paid` is exact."""

    counted_at: str
    records: int
    replaced: int
    paid: int
    notified: FigureOut | None
    delivered: FigureOut | None
    under_way: FigureOut | None
    failed: FigureOut | None
    not_sent: FigureOut | None


class BatchOut(Schema):
    """What was received. `webhook_id`: of a push, for 90 days."""

    number: int
    received_at: str
    feed: str
    webhook_id: str
    state: str
    message: str
    read: int
    new: int
    changed: int
    duplicate: int
    refused: int


class OneBatchOut(BatchOut):
    """`outcome` is null while a large batch is being counted: ask again in a minute."""

    outcome: OutcomeOut | None


class BatchesOut(Schema):
    """`next`: pass it as `before` for the earlier ones; null: these were the last."""

    batches: list[BatchOut]
    next: int | None


class LineOut(Schema):
    place: str
    line: int
    external_id: str
    reason: str
    field: str
    value_masked: str
    cure: RemedyOut  # its name in the published API


class LinesOut(Schema):
    """`next`: pass it as `after` for the further ones; null: these were the last."""

    refused_lines: list[LineOut]
    next: int | None


class TimeOut(Schema):
    now: str
    seconds: int
    tolerance_seconds: int


@router.get("/time", response=TimeOut, summary="Read our time; needs no signature")
def our_time(request: HttpRequest) -> Any:
    """Our time, in Korea and as seconds since 1970 in UTC, and how far from it a timestamp may be."""
    now = clock.now()
    return {
        "now": as_instant(now),
        "seconds": int(now.timestamp()),
        "tolerance_seconds": settings.WEBHOOK_TOLERANCE_SECONDS,
    }


@router.get("/batches", response={200: BatchesOut, **PROBLEMS}, summary="List your batches", openapi_extra=SIGNED_GET)
def list_batches(request: HttpRequest, before: int | None = None, webhook_id: str = "") -> Any:
    """The newest first, 50 at a time; or the one that a push with this webhook-id brought."""
    agency = _agency(request, clock.now())
    if not isinstance(agency, Agency):
        return agency
    if webhook_id:
        run = batch_of_message(agency, webhook_id)
        found, onward = ([run] if run is not None else []), None
    else:
        found, onward = batches_of(agency, before=before, size=SIZE)
    ids = message_ids(found)
    return {"batches": [_batch(run, ids) for run in found], "next": onward}


@router.get(
    "/batches/{number}", response={200: OneBatchOut, **PROBLEMS}, summary="See one batch", openapi_extra=SIGNED_GET
)
def see_batch(request: HttpRequest, number: int) -> Any:
    """What was received, refused, notified, delivered and paid; at most a minute old."""
    now = clock.now()
    agency = _agency(request, now)
    if not isinstance(agency, Agency):
        return agency
    run = batch_of(agency, number)
    if run is None:
        return _not_found()
    outcome = outcome_of(run, now=now)
    return {**_batch(run, message_ids([run])), "outcome": _outcome(outcome) if outcome is not None else None}


@router.get(
    "/batches/{number}/refused",
    response={200: LinesOut, **PROBLEMS},
    summary="Read the refused lines of a batch",
    openapi_extra=SIGNED_GET,
)
def read_refused_lines(request: HttpRequest, number: int, after: int = 0) -> Any:
    """500 at a time, in their order, with what to do about each."""
    agency = _agency(request, clock.now())
    if not isinstance(agency, Agency):
        return agency
    run = batch_of(agency, number)
    if run is None:
        return _not_found()
    lines, onward = refused_lines(run, after=after, size=LINES)
    named = [
        {
            "place": line.place,
            "line": line.line,
            "external_id": line.external_id,
            "reason": line.reason,
            "field": line.detail,
            "value_masked": line.value,
            "cure": remedy_in_both(line.reason),
        }
        for line in lines
    ]
    return {"refused_lines": named, "next": onward}


def _agency(request: HttpRequest, now: datetime) -> Any:
    """Return the agency that signed this request, or the answer that refuses it. Signed is the request line."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        feed, _ = authenticate(headers=headers, body=f"GET {request.get_full_path()}".encode(), now=now)
    except SignatureRefused as error:
        return refuse_signature(request, error, what="agency read", now=now)
    return feed.agency


def _batch(run: FeedRun, ids: dict[int, str]) -> dict[str, Any]:
    counts = {name: getattr(run, name) for name in ("read", "new", "changed", "duplicate", "refused")}
    about = {"number": run.pk, "received_at": as_instant(run.started_at), "feed": run.feed.name}
    return {**about, "webhook_id": ids.get(run.pk, ""), "state": run.state, "message": run.message, **counts}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    exact = {name: getattr(outcome, name) for name in ("records", "replaced", "paid")}
    figures = outcome.figures or {}
    shown = {
        name: {"count": figures[name].count, "fewer_than": figures[name].fewer_than} if name in figures else None
        for name in OUTCOMES
    }
    return {"counted_at": as_instant(outcome.counted_at), **exact, **shown}


def _not_found() -> Any:
    return Status(404, problem("no_such_batch", "your agency has no batch of this number"))
