"""Open bills: what a person has to pay, as rows. Opened when a page shows them, not for every record."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from notifications.models import Record
from notifications.models.record import is_about
from payments.bills.close_bill import follow_record, has_other_open, hear_agency, poll_agency, standing
from payments.bills.debts import READ_ERRORS, debt_names, lock_debt, paid_bills, report_unreadable, settled_payments
from payments.models import Bill
from payments.refusals import Refused
from payments.states import ANOTHER_PERSON, CLOSED, OBJECTION, OPEN
from secretary.kernel.database.kept_queries import KeptQuery
from subscriptions.models import Citizen, CitizenKey, Subscription

WITH_RECORD = ("record__agency",)
# The columns by which a page says where a bill stands, and those that name it. Others would be read one by one.
STANDS_BY = (
    *("tariff", "debt", "state", "reason", "changed_at", "seen_version", "unknown_since", "citizen", "record"),
    *(f"record__{name}" for name in ("agency", "external_id", "version", "state", "received_at")),
    *("record__payload_encrypted", "record__told_encrypted", "record__agency__code"),
)
_NAMES = ("name_ko", "name_en", "agency_name_ko", "agency_name_en", "agency_phone")
NAMED_BY = (
    *("record__data_type__agency", "record__data_type__live_version"),
    *(f"record__data_type__live_version__{name}" for name in _NAMES),
)
DUE_OR_DISPUTED = (Record.OPEN, Record.OBJECTED)


class NoSuchBill(LookupError):
    """No such bill, or another person's: the caller does not learn which."""


def _fresh(citizen: UUID, keys: Sequence[int], hashes: Sequence[bytes]) -> QuerySet[Record]:
    """Return payable records without a bill of the person's, due or disputed, of types they subscribed to."""
    wanted = Subscription.objects.filter(citizen=citizen, ended_at=None).exclude(data_type__payable="")
    theirs = Q(citizen=citizen) | Q(key__in=keys) | is_about()
    known = Bill.objects.filter(theirs, record=OuterRef("pk"))
    records = Record.objects.filter(Q(ci_hash__in=hashes) | Q(person_hash__in=hashes))
    fresh = records.filter(~Exists(known), state__in=DUE_OR_DISPUTED, data_type__in=wanted.values("data_type"))
    return fresh.select_related("agency", "data_type")


KEYS = KeptQuery(lambda citizen: CitizenKey.objects.filter(citizen=citizen))
FRESH = KeptQuery(_fresh)


def open_bills(*, citizen: Citizen, now: datetime) -> int:
    """Open a bill for each payable record, open or disputed, about a person who subscribed to its type; how many are
    new.

    Only adds rows, so that a page may call it: it locks and changes none. A bill that cannot simply be open (its debt
    is paid, or the bill of the person whom its record was about before is) is left to the next `follow_records`, and
    shown until then as what that will make of it.
    """
    keys = KEYS.rows(citizen=citizen.pk)
    hashes = [bytes(key.key_hash) for key in keys]
    fresh = FRESH.rows(citizen=citizen.pk, keys=[key.pk for key in keys], hashes=hashes)
    rows = [_bill(record, citizen, keys, now) for record in fresh]
    bills = [row for row in rows if row is not None]
    if bills:
        _leave_to_follow(bills)
        Bill.objects.bulk_create(bills, ignore_conflicts=True)
    return len(bills)


def _leave_to_follow(bills: Sequence[Bill]) -> None:
    records = [bill.record_id for bill in bills]
    former = set(Bill.objects.filter(record__in=records, state=OPEN).values_list("record_id", flat=True))
    paid = set(settled_payments(*{bill.debt for bill in bills}).values_list("bill__debt", flat=True))
    for bill in bills:
        if bill.record_id in former:  # one bill of a record is open at a time
            bill.state, bill.reason = CLOSED, ANOTHER_PERSON
        if bill.record_id in former or bill.debt in paid:
            bill.seen_version = None


def shown_bills() -> QuerySet[Bill]:
    """Return bills with what pages show of them, and whether they are theirs."""
    shown = Bill.with_about().select_related("record__agency", "record__data_type__live_version")
    return shown.only(*STANDS_BY, *NAMED_BY)


def bill_of(citizen: Citizen, bill_id: int) -> Bill:
    """Return one of the person's own bills. Raises NoSuchBill."""
    try:
        return Bill.objects.select_related(*WITH_RECORD).get(citizen=citizen, pk=bill_id)
    except Bill.DoesNotExist:
        raise NoSuchBill from None


def owed(*, citizen: Citizen, records: Collection[int], now: datetime) -> dict[int, bool]:
    """Return which of these records have a bill of the person's, and whether it is still to be paid, as its page says;
    a pause of reminders changes nothing of that, nor does a payment that is being confirmed or checked. Opens bills as
    `open_bills` does; locks and changes none."""
    return {row.record_id: is_owed(row) for row in standing_bills(citizen=citizen, records=records, now=now)}


def standing_bills(*, citizen: Citizen, records: Collection[int], now: datetime) -> list[Bill]:
    """Return the person's bills about these records, with state and reason as their pages say them (never saved).
    Opens bills as `open_bills` does."""
    rows = _bills_about(citizen, records)
    if len(rows) < len(records) and open_bills(citizen=citizen, now=now):
        rows = _bills_about(citizen, records)
    paid = paid_bills(row for row in rows if row.is_theirs)
    for row in rows:
        row.state, row.reason = standing(row, paid=lambda: row.pk in paid, has_other=lambda: has_other_open(row))  # noqa: B023
    return rows


def is_owed(row: Bill) -> bool:
    """Return whether a bill of `standing_bills` is still to be paid."""
    return row.record.state == Record.OPEN and (row.state, row.reason) in ((OPEN, ""), (CLOSED, OBJECTION))


def _about(citizen: UUID, records: Sequence[int]) -> QuerySet[Bill]:
    mine = Bill.with_about().filter(citizen=citizen, record__in=records)
    return mine.select_related("record__agency").only(*STANDS_BY)


ABOUT = KeptQuery(_about)


def _bills_about(citizen: Citizen, records: Collection[int]) -> list[Bill]:
    return ABOUT.rows(citizen=citizen.pk, records=list(records)) if records else []


def poll_once_more(*, citizen: Citizen, bill_id: int, now: datetime) -> None:
    """Query whether the agency knows the bill by now. Raises NoSuchBill, and Refused where it does not."""
    bill = bill_of(citizen, bill_id)
    debt = poll_agency(bill=bill, now=now)
    with transaction.atomic():
        locked, _ = lock_debt(bill.pk, now=now)
        hear_agency(bill=locked, debt=debt, now=now)
    if isinstance(debt, Refused):
        raise debt


@transaction.atomic
def take_bills_along(*, citizen_id: UUID, now: datetime) -> None:
    """Keys have come to this row of a person from another one of theirs (enrolment/people.py): so do its bills."""
    for behind in Bill.objects.filter(key__citizen=citizen_id).exclude(citizen=citizen_id).order_by("pk"):
        bill, _ = lock_debt(behind.pk, now=now)
        follow_record(bill=bill, now=now)


def _bill(record: Record, citizen: Citizen, keys: Sequence[CitizenKey], now: datetime) -> Bill | None:
    """None where the record cannot be read: the others are opened all the same."""
    try:
        debt = debt_names(record).now
    except READ_ERRORS as error:
        report_unreadable(record, error, now=now)
        return None
    hashes = [bytes(each) for each in (record.ci_hash, record.person_hash) if each is not None]
    return Bill(
        record=record,
        citizen=citizen,
        key=next((key for key in keys if bytes(key.key_hash) in hashes), None),
        tariff=record.data_type.payable,
        debt=debt,
        opened_at=now,
        changed_at=now,
        seen_version=record.version,
    )
