"""Show a person of an agency what came of its batches; every row is found through that agency (batches.py)."""

import csv
import io
from itertools import islice
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from notifications.agencies.batches import batch_of, batches_of, every_refused_line, message_ids, refused_lines
from notifications.agencies.figures import FEW, FEW_PEOPLE, OUTCOMES, Outcome, outcome_of
from notifications.intake.refusal_words import remedy_of
from notifications.models import FeedRun, RefusedLine
from notifications.models.feed_run import RUN_STATES
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.tabular import neutralise
from secretary.kernel.persons.identifiers import row_number
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import AgencyStaff
from subscriptions.web.agencies.access import for_agency

SIZE, LINES = 25, 100
MOST_IN_FILE = 100_000  # lines
COLUMNS = ("page_or_file", "line", "agency_number", "reason", "field", "value_masked", "what_to_do")


@require_GET
@for_agency
def batches(request: HttpRequest, member: AgencyStaff) -> HttpResponse:
    before = row_number(request.GET.get("before", ""))
    found, onward = batches_of(member.agency, before=before, size=SIZE)
    ids = message_ids(found)
    rows = [(run, ids.get(run.pk, ""), RUN_STATES[run.state]) for run in found]
    context = {"member": member, "here": "batches", "rows": rows, "onward": onward, "is_later": before is not None}
    return render(request, "agencies/batches.html", context)


@require_GET
@for_agency
def batch(request: HttpRequest, member: AgencyStaff, number: int) -> HttpResponse:
    run, now = _own(member, number), clock_now()
    record_audit(now=now, actor=member.actor, action="batch.read", object=f"batch:{run.pk}")
    outcome = outcome_of(run, now=now)
    lines, onward = refused_lines(run, after=row_number(request.GET.get("after", "")) or 0, size=LINES)
    context = {
        "member": member,
        "here": "batches",
        "run": run,
        "state": RUN_STATES[run.state],
        "message_id": message_ids([run]).get(run.pk, ""),
        "outcome": outcome,
        "figures": _named(outcome),
        "few_people": FEW_PEOPLE,
        "lines": [(line, remedy_of(line.reason)) for line in lines],
        "onward": onward,
    }
    return render(request, "agencies/batch.html", context)


@require_GET
@for_agency
def refused_file(request: HttpRequest, member: AgencyStaff, number: int) -> HttpResponse:
    """Hand out the refused lines as CSV, in the language of the page."""
    run = _own(member, number)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in islice(every_refused_line(run), MOST_IN_FILE):
        writer.writerow([neutralise(cell) if isinstance(cell, str) else cell for cell in _cells(line)])
    response = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-{run.pk}.csv"'
    return response


def _own(member: AgencyStaff, number: int) -> FeedRun:
    """Return a batch of the person's agency; of another agency's there is none, and the try is on record."""
    run = batch_of(member.agency, number)
    if run is None:
        record_audit(now=clock_now(), actor=member.actor, action="batch.refused", object=f"batch:{number}")
        raise Http404
    return run


def _named(outcome: Outcome | None) -> list[tuple[str, str]]:
    """Return each figure as its words and its value."""
    if outcome is None or outcome.figures is None:
        return []
    names = {
        "notified": _("Notified: for these records a notice was made"),
        "delivered": _("Delivered"),
        "under_way": _("On the way, or waiting for its time"),
        "failed": _("Failed on every channel"),
        "not_sent": _("Not sent: withdrawn, settled, too late, or the person ended it"),
    }
    few = _("fewer than %(count)d") % {"count": FEW}
    values = {name: outcome.figures[name].count for name in OUTCOMES}
    return [(names[name], f"{value:,}" if value is not None else few) for name, value in values.items()]


def _cells(line: RefusedLine) -> tuple[Any, ...]:
    return (
        *(line.place, line.line, line.external_id, line.reason, line.detail, line.value),
        str(remedy_of(line.reason)),
    )
