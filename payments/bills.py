"""BILL: what a person has to pay, as rows. Opened when somebody looks, not for every record that comes in."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from notifications.models import Record
from payments.models import Bill
from subscriptions.models import Citizen, CitizenKey, Subscription

WITH_RECORD = ("record__agency",)
WITH_NAMES = (*WITH_RECORD, "record__data_type__live_version")
# The field of an agency's record that names the case behind it. Records of one agency that name the same case are
# ways to settle the same violation, and lock each other out.
CASE = "case_number"


class NoSuchBill(LookupError):
    """No such bill, or somebody else's: the caller is not told which."""


@transaction.atomic
def open_bills(*, citizen: Citizen, now: datetime) -> int:
    """A bill for each open, payable record of a person who subscribed to its data type; how many are new."""
    mine = _records(citizen)
    _move_here(citizen, mine)
    wanted = Subscription.objects.filter(citizen=citizen, ended_at=None).exclude(data_type__payable="")
    fresh = mine.filter(state=Record.OPEN, bill=None, data_type__in=wanted.values("data_type"))
    fresh = fresh.select_related("agency", "data_type")
    bills = [_bill(record, citizen, now) for record in fresh]
    Bill.objects.bulk_create(bills, ignore_conflicts=True)
    return len(bills)


def bills_of(citizen: Citizen) -> QuerySet[Bill]:
    """All bills of a person, newest first, with what showing them needs."""
    return Bill.objects.filter(citizen=citizen).select_related(*WITH_NAMES).order_by("-id")


def bill_of(citizen: Citizen, bill_id: int) -> Bill:
    """One of the person's own bills. Raises NoSuchBill."""
    try:
        return Bill.objects.select_related(*WITH_RECORD).get(citizen=citizen, pk=bill_id)
    except Bill.DoesNotExist:
        raise NoSuchBill from None


def lock_debt(bill_id: int) -> tuple[Bill, list[Bill]]:
    """Lock the bill and its siblings, always in the same order and before any payment; the bill, and the others."""
    debt = Subquery(Bill.objects.filter(pk=bill_id).values("debt"))
    rows: Sequence[Bill] = list(
        Bill.objects.select_for_update(of=("self",)).select_related(*WITH_RECORD).filter(debt=debt).order_by("pk")
    )
    (bill,) = [row for row in rows if row.pk == bill_id]
    return bill, [row for row in rows if row.pk != bill_id]


def _records(citizen: Citizen) -> QuerySet[Record]:
    hashes: Iterable[Any] = list(CitizenKey.objects.filter(citizen=citizen).values_list("key_hash", flat=True))
    return Record.objects.filter(Q(ci_hash__in=hashes) | Q(person_hash__in=hashes))


def _move_here(citizen: Citizen, mine: QuerySet[Record]) -> None:
    """Bills of a row of the same person from which their keys have moved here (subscriptions/people.py).

    There are hardly ever any, and to ask whose keys are whose is dear: so first whether there are.
    """
    others = list(
        Bill.objects.filter(record__in=list(mine.values_list("pk", flat=True)))
        .exclude(citizen=citizen)
        .values_list("pk", flat=True)
    )
    if not others:
        return
    still = CitizenKey.objects.filter(
        Q(key_hash=OuterRef("record__ci_hash")) | Q(key_hash=OuterRef("record__person_hash")),
        citizen=OuterRef("citizen"),
    )
    Bill.objects.filter(~Exists(still), pk__in=others).update(citizen=citizen)


def _bill(record: Record, citizen: Citizen, now: datetime) -> Bill:
    return Bill(
        record=record,
        citizen=citizen,
        tariff=record.data_type.payable,
        debt=f"{record.agency.code}:{_case(record)}",
        opened_at=now,
        changed_at=now,
    )


def _case(record: Record) -> str:
    named = record.payload.get(CASE)
    return f"case:{named}"[:110] if named else record.external_id
