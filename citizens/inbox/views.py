"""Show a person's notices: the list, one notice, its page for printing, and its days as a calendar file."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from citizens.inbox.calendar_file import calendar_file
from citizens.inbox.last_checked import Subscribed, last_checked, subscribed
from citizens.inbox.notice_view import NoSuchNotice, NoticeView, mark_read, view_notice
from citizens.inbox.notices import NEWEST, Page, page
from secretary.kernel.audit.security_log import log_refusal
from secretary.kernel.database.replica import from_replica, note_write
from secretary.kernel.http.middleware import is_only_head
from secretary.kernel.language import language
from secretary.kernel.time.clock import kst_date
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen
from subscriptions.web.citizens.entry import for_citizen
from subscriptions.web.session import signed_in

LONGEST_NUMBER = 18  # digits that a bigint surely holds


@require_GET
@for_citizen
@from_replica
def inbox(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    now, spoken = clock_now(), language()
    to_do = request.GET.get("show") == "to-do"
    kind = "" if to_do else request.GET.get("kind", "")
    before = _number(request.GET.get("before", ""))
    asked: dict[str, Any] = {"citizen": citizen, "language": spoken, "now": now}
    found = Page((), None) if kind else page(**asked, to_do=to_do, before=before or NEWEST)
    seen = {line.kind for line in found.lines}
    kinds: Sequence[Subscribed]
    if kind or to_do or before:
        kinds = subscribed(citizen=citizen, language=spoken, seen=seen)
    else:  # the first page alone says what is known of each
        kinds = last_checked(**asked, seen=seen)
    if kind in {each.code for each in kinds}:
        found = page(**asked, kind=kind, before=before or NEWEST)
    days = [(day, list(lines)) for day, lines in groupby(found.lines, key=lambda line: line.day)]
    context = {
        "in_settings": "inbox",
        "days": days,
        "before": found.before,
        "is_first": not before,
        "is_filtered": bool(kind or to_do),
        "kind": kind,
        "to_do": to_do,
        "kinds": [each for each in kinds if each.has_notices or each.code == kind],
        "watched": [each for each in kinds if each.is_wanted],
        "today": kst_date(now),
    }
    return render(request, "citizens/inbox/list.html", context)


@require_GET
@for_citizen
def notice(request: HttpRequest, citizen: Citizen, notice_id: int) -> HttpResponse:
    found = _own(citizen, notice_id)
    if not (found.row.is_read or is_only_head(request)):
        mark_read(notice_id=notice_id, citizen_id=citizen.pk, now=clock_now())
        note_write(request)
        signed_in.read_anew(request)  # one notice less is new
    return render(request, "citizens/inbox/notice.html", _context(found))


@require_GET
@for_citizen
@from_replica
def printed(request: HttpRequest, citizen: Citizen, notice_id: int) -> HttpResponse:
    return render(request, "citizens/inbox/print.html", _context(_own(citizen, notice_id)))


@require_GET
@for_citizen
@from_replica
def calendar(request: HttpRequest, citizen: Citizen, notice_id: int) -> HttpResponse:
    text = calendar_file(_own(citizen, notice_id), language=language(), now=clock_now())
    headers = {"Content-Disposition": 'attachment; filename="days.ics"'}
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)


def _own(citizen: Citizen, notice_id: int) -> NoticeView:
    try:
        return view_notice(citizen=citizen, notice_id=notice_id, language=language(), now=clock_now())
    except NoSuchNotice as error:
        log_refusal("page of another citizen, or of none", citizen=citizen.pk, page="NoSuchNotice")
        raise Http404 from error


def _context(found: NoticeView) -> dict[str, Any]:
    return {"in_settings": "inside", "view": found, "bill": found.bill, "today": kst_date(clock_now())}


def _number(text: str) -> int:
    """Return the number of a notice as an address has it; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 0
