"""Compare the agencies' lists of what was posted through us with the outbox."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.db.models import QuerySet

from notifications.alarms import alarm_of_row
from payments import adapters
from payments.adapters import NotOffered
from payments.billers.contract import BillerRefused, BillerUnavailable, PostedLine
from payments.models import AgencyPosting
from payments.models.ledger import agency_account
from payments.reconciliation import remedies
from payments.reconciliation.compare_providers import days_around
from payments.reconciliation.remedies import Found
from payments.states import ACKNOWLEDGED
from secretary.kernel.database.connections import let_go
from secretary.kernel.database.each import for_each_apart
from secretary.kernel.time.clock import end_of_day, kst_date, kst_instant


@dataclass(slots=True)
class Agencies:
    """Account → posting → line, for the day and the days around it."""

    lines: dict[str, dict[str, PostedLine]] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.silent

    def of_day(self, day: date) -> Iterator[tuple[str, PostedLine]]:
        for account, lines in self.lines.items():
            yield from ((account, line) for line in lines.values() if kst_date(line.posted_at) == day)

    def total(self, day: date) -> int:
        return sum(line.amount for _, line in self.of_day(day))


def read_agencies(day: date, *, now: datetime) -> Agencies:
    agencies = Agencies()

    def read(code: str) -> None:
        let_go()
        try:
            lines = [line for each in days_around(day, kst_date(now)) for line in adapters.biller(code).posted(each)]
        except (BillerRefused, BillerUnavailable, NotOffered):
            agencies.silent.append(agency_account(code))
            return
        agencies.lines[agency_account(code)] = {line.posting_id: line for line in lines}

    def unreadable(code: str, why: Exception) -> None:
        agencies.silent.append(agency_account(code))
        alarm(code, why)

    alarm = alarm_of_row(loop="lists of agencies", now=now)
    for_each_apart(settings.PAYMENT_BILLERS, read, what="read_agencies", on_failure=unreadable)
    return agencies


def compare_agencies(day: date, agencies: Agencies) -> Iterator[Found]:
    theirs = list(agencies.of_day(day))
    known = {row.posting_id: row for row in _postings().filter(posting_id__in=[line.posting_id for _, line in theirs])}
    for account, line in theirs:
        ours = known.get(line.posting_id)
        if ours is None:
            yield Found(remedies.UNKNOWN_POSTING, account, line.posting_id, None, line.amount)
        elif _signed(ours) != line.amount:
            yield Found(remedies.AGENCY_AMOUNT, account, line.posting_id, _signed(ours), line.amount, ours.payment_id)
    yield from _unposted(day)
    yield from _missing(day, agencies)


def _unposted(day: date) -> Iterator[Found]:
    rows = _postings().filter(happened_at__gte=kst_instant(day), happened_at__lt=end_of_day(day))
    for row in rows.exclude(state=ACKNOWLEDGED):
        yield Found(remedies.UNPOSTED, _account(row), row.posting_id, _signed(row), None, row.payment_id)


def _missing(day: date, agencies: Agencies) -> Iterator[Found]:
    rows = _postings().filter(acknowledged_at__gte=kst_instant(day), acknowledged_at__lt=end_of_day(day))
    for row in rows:
        lines = agencies.lines.get(_account(row))
        if lines is not None and row.posting_id not in lines:
            yield Found(remedies.MISSING_AT_AGENCY, _account(row), row.posting_id, _signed(row), None, row.payment_id)


def _postings() -> QuerySet[AgencyPosting]:
    return AgencyPosting.objects.select_related("payment__bill__record__agency").order_by("pk")


def _account(row: AgencyPosting) -> str:
    return agency_account(row.payment.bill.record.agency.code)


def _signed(row: AgencyPosting) -> int:
    return row.amount if row.kind == AgencyPosting.PAID else -row.amount
