"""Open bills: what a person has to pay, as rows. Opened when a page shows them, not for every record."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from notifications.alarms import raise_alarm
from notifications.models import Record
from notifications.subject import is_about
from payments.close_bill import ask_agency, follow_record, hear_agency
from payments.debts import UNREADABLE, debt_names, lock_debt
from payments.models import Bill, Payment
from payments.refusals import Refused
from payments.states import ANOTHER_PERSON, OBJECTED, OPEN, SETTLED
from subscriptions.models import Citizen, CitizenKey, Subscription

WITH_RECORD = ("record__agency",)
WITH_NAMES = (*WITH_RECORD, "record__data_type__live_version")
DUE_OR_DISPUTED = (Record.OPEN, Record.OBJECTED)


class NoSuchBill(LookupError):
    """No such bill, or another person's: the caller does not learn which."""


@transaction.atomic
def open_bills(*, citizen: Citizen, now: datetime) -> int:
    """Open a bill for each payable record, open or disputed, about a person who subscribed to its type; how many are
    new.

    A record of a debt that is paid gets one that is closed with it.
    """
    keys = list(CitizenKey.objects.filter(citizen=citizen))
    _move_here(citizen, keys)
    mine = _records(keys)
    _end_former(citizen, mine, now)
    wanted = Subscription.objects.filter(citizen=citizen, ended_at=None).exclude(data_type__payable="")
    known = Bill.objects.filter(Q(citizen=citizen) | is_about(), record=OuterRef("pk"))
    fresh = mine.filter(~Exists(known), state__in=DUE_OR_DISPUTED, data_type__in=wanted.values("data_type"))
    rows = [_bill(record, citizen, keys, now) for record in fresh.select_related("agency", "data_type")]
    bills = [row for row in rows if row is not None]
    Bill.objects.bulk_create(bills, ignore_conflicts=True)
    if bills:
        for behind in behind_bills(citizen).order_by("pk"):
            follow(bill_id=behind.pk, now=now)
    return len(bills)


def bills_of(citizen: Citizen) -> QuerySet[Bill]:
    """Return all bills of a person, newest first, with what showing them needs, also those that are not theirs any
    more."""
    return Bill.with_about().filter(citizen=citizen).select_related(*WITH_NAMES).order_by("-id")


def bill_of(citizen: Citizen, bill_id: int) -> Bill:
    """Return one of the person's own bills. Raises NoSuchBill."""
    try:
        return Bill.objects.select_related(*WITH_RECORD).get(citizen=citizen, pk=bill_id)
    except Bill.DoesNotExist:
        raise NoSuchBill from None


def behind_bills(citizen: Citizen) -> QuerySet[Bill]:
    """Update the person's open bills that should not be open any more, and those that have come back to them."""
    settled = Payment.objects.filter(bill__debt=OuterRef("debt"), state__in=SETTLED)
    ended = Q(state=OPEN) & (~Q(record__state=Record.OPEN) | ~is_about() | Exists(settled))
    back = Q(reason__in=[ANOTHER_PERSON, OBJECTED]) & is_about()
    return Bill.objects.filter(ended | back, citizen=citizen)


def ask_once_more(*, citizen: Citizen, bill_id: int, now: datetime) -> None:
    """Ask whether the agency knows the bill by now. Raises NoSuchBill, and Refused where it does not."""
    bill = bill_of(citizen, bill_id)
    debt = ask_agency(bill=bill, now=now)
    with transaction.atomic():
        locked, _ = lock_debt(bill.pk, now=now)
        hear_agency(bill=locked, debt=debt, now=now)
    if isinstance(debt, Refused):
        raise debt


@transaction.atomic
def follow(*, bill_id: int, now: datetime) -> None:
    """Bring one bill up to its record."""
    bill, _ = lock_debt(bill_id, now=now)
    follow_record(bill=bill, now=now)


def _records(keys: Collection[CitizenKey]) -> QuerySet[Record]:
    hashes = [key.key_hash for key in keys]
    return Record.objects.filter(Q(ci_hash__in=hashes) | Q(person_hash__in=hashes))


def _move_here(citizen: Citizen, keys: Collection[CitizenKey]) -> None:
    """Move bills here from a row of the same person whose keys have moved (subscriptions/people.py)."""
    for bill in Bill.objects.filter(key__in=keys).exclude(citizen=citizen).order_by("pk"):
        bill.citizen = citizen
        try:
            with transaction.atomic():
                bill.save(update_fields=["citizen"])
        except IntegrityError:
            continue  # both rows of the person had one for the same record: the other one stays where it is


def _end_former(citizen: Citizen, mine: QuerySet[Record], now: datetime) -> None:
    """Open bills of other people about records that are this person's now."""
    former = Bill.objects.filter(~is_about(), record__in=mine.values("pk"), state=OPEN).exclude(citizen=citizen)
    for bill in former.order_by("pk"):
        follow(bill_id=bill.pk, now=now)


def _bill(record: Record, citizen: Citizen, keys: Sequence[CitizenKey], now: datetime) -> Bill | None:
    """None where the record cannot be read: the others are opened all the same."""
    try:
        debt = debt_names(record).now
    except UNREADABLE as error:
        message = f"record {record.pk} cannot be read ({type(error).__name__}), so it cannot be paid"
        raise_alarm(kind="record_unreadable", subject=record.agency.code, message=message, now=now)
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
