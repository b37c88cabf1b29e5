"""DEBT: lock all bills about the same violation, and find whether their debt is paid.

A debt is named by a keyed hash of the agency, the kind of number and the number: the agency's case where its record
names one (a violation that is to be paid as a fine by the owner or as a penalty by the driver), otherwise the record's
own. The case is a private field and stands in no column in clear. Agencies correct their records, so the name is read
from the record each time that the debt is locked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from notifications.alarms import raise_alarm
from notifications.models import Record
from payments.bills.surplus import request_surplus_refund
from payments.models import Bill, Payment
from payments.states import LIVE, SETTLED, UNTOUCHED
from secretary.kernel.database.kept_queries import KeptText
from secretary.kernel.persons.blind_index import blind_index
from secretary.kernel.secrets.encryption import Undecryptable

# The field of an agency's record that names the case behind it. Records of one agency that name the same case are
# ways to settle the same violation, and lock each other out.
CASE = "case_number"
TRIES = 5  # of a lock whose debt was corrected while it was waited for
READ_ERRORS = (Undecryptable, ValueError, IndexError)


class DebtOvertaken(Exception):
    """While its rows were waited for, another debt became this bill's."""


@dataclass(frozen=True, slots=True)
class DebtNames:
    """`now`: the hash. `former`: in clear, as 148511c wrote it; rows of it are hashed when they are met (ADR 15)."""

    now: str
    former: str

    @property
    def all(self) -> frozenset[str]:
        return frozenset((self.now, self.former))


def debt_names(record: Record) -> DebtNames:
    """Return the debt's name now and before the agency's correction. Raises one of READ_ERRORS."""
    agency, case = record.agency.code, record.payload.get(CASE)
    if case:
        return DebtNames(_hash(agency, "case", str(case)), f"{agency}:" + f"case:{case}"[:110])
    return DebtNames(_hash(agency, "record", record.external_id), f"{agency}:{record.external_id}")


def shown_fields(bill: Bill, *, now: datetime) -> Mapping[str, Any] | None:
    """Return what the bill's person may see of its record: nothing where it is about another person now. None, with an
    alarm, where it cannot be read, so that their other bills are shown all the same."""
    try:
        return bill.record.payload if bill.is_theirs else {}
    except READ_ERRORS as error:
        report_unreadable(bill.record, error, now=now)
        return None


def report_unreadable(record: Record, error: Exception, *, now: datetime) -> None:
    """Raise the alarm of a payable record that cannot be read, one per agency."""
    message = f"record {record.pk} cannot be read ({type(error).__name__}), so it cannot be paid"
    raise_alarm(kind="record_unreadable", subject=record.agency.code, message=message, now=now)


def lock_debt(bill_id: int, *, now: datetime) -> tuple[Bill, list[Bill]]:
    """Lock the bill and its siblings, always in the same order and before any payment; the bill, and the others.

    Bills whose record names this debt now carry its name afterwards, and so do their payments. Raises DebtOvertaken.
    """
    for _ in range(TRIES):
        try:
            with transaction.atomic():  # what was locked in vain is let go with it
                return _lock(bill_id, now)
        except DebtOvertaken:
            continue
    raise DebtOvertaken(bill_id)


def settled_payments(*debts: str) -> QuerySet[Payment]:
    """Money that pays one of these debts, whichever bill it was captured for and whatever state that bill is in."""
    return Payment.objects.filter(bill__debt__in=debts, state__in=SETTLED)


# As `settled_payments`. From the names to the bills: a plan for all values compares each bill with each name.
PAID_DEBTS = f"""
SELECT b.debt FROM unnest(%s::text[]) wanted (debt)
JOIN payments_bill b ON b.debt = wanted.debt JOIN payments_payment p ON p.bill_id = b.id
WHERE p.state = ANY(ARRAY{sorted(SETTLED)})
"""  # noqa: S608  (constants)
PAID = KeptText(PAID_DEBTS, "debts")


def paid_bills(bills: Iterable[Bill]) -> set[int]:
    """Return those of these bills whose debt is paid, by their records of now. One statement, and no lock."""
    names = names_of_debts(bills)
    wanted = all_of(names)
    return paid_among(names, PAID.rows(debts=wanted)) if wanted else set()


def names_of_debts(bills: Iterable[Bill]) -> dict[int, frozenset[str]]:
    """Return all names of each bill's debt, by the bill's number: by its record of now, and as its row has it."""
    return {bill.pk: _names(bill).all | {bill.debt} for bill in bills}


def all_of(names: Mapping[int, frozenset[str]]) -> list[str]:
    return list({name for each in names.values() for name in each})


def paid_among(names: Mapping[int, frozenset[str]], paid: Iterable[Sequence[Any]]) -> set[int]:
    """Return the bills whose debt is paid. `paid`: rows of PAID."""
    found = {debt for (debt,) in paid}
    return {pk for pk, each in names.items() if each & found}


def payments_under_way(debt: str) -> QuerySet[Payment]:
    """Payments of this debt with which money may have been captured."""
    return Payment.objects.filter(bill__debt=debt, state__in=LIVE).exclude(state__in=UNTOUCHED)


def name_apart(what: str) -> str:
    """Return a name of a debt that no record has: what it is given to pays no other debt."""
    return _hash("apart", what)


def _hash(*parts: str) -> str:
    """Agency and kind are hashed along, each of them apart: no number of one can look like a number of another."""
    return blind_index("debt", orjson.dumps(parts).decode()).hex()


def _rows() -> QuerySet[Bill]:
    return Bill.objects.select_related("record__agency")


def _names(bill: Bill) -> DebtNames:
    """Keep the bill of an unreadable record where it is: its next reader reports the error."""
    try:
        return debt_names(bill.record)
    except READ_ERRORS:
        return DebtNames(bill.debt, bill.debt)


def _lock(bill_id: int, now: datetime) -> tuple[Bill, list[Bill]]:
    known = _rows().get(pk=bill_id)
    names = _names(known).all | {known.debt}
    rows = list(_rows().select_for_update(of=("self",)).filter(debt__in=names).order_by("pk"))
    current = {row.pk: _names(row).now for row in rows}
    bill = next((row for row in rows if row.pk == bill_id), None)
    if bill is None or current[bill_id] not in names:
        raise DebtOvertaken(bill_id)
    siblings = [row for row in rows if row.pk != bill_id and current[row.pk] == current[bill_id]]
    for row in (bill, *siblings):
        if row.debt != current[bill_id]:
            _rename(row, current[bill_id], now)
    return bill, siblings


def _rename(bill: Bill, debt: str, now: datetime) -> None:
    bill.debt = debt
    bill.save(update_fields=["debt"])
    for payment in Payment.objects.select_for_update().filter(bill=bill).exclude(debt=debt).order_by("pk"):
        payment.debt = debt
        try:
            with transaction.atomic():
                payment.save(update_fields=["debt"])
        except IntegrityError:
            _keep_apart(payment, now)


def _keep_apart(payment: Payment, now: datetime) -> None:
    """Handle another payment of the debt that is live or has settled it: two began before the agency joined the
    debts."""
    payment.debt = name_apart(payment.order_id)
    payment.save(update_fields=["debt"])
    if payment.state not in SETTLED:
        return  # whether it pays the debt is decided when its money is captured
    remainder = payment.remainder()
    if request_surplus_refund(payment=payment, amount=remainder, reason="paid_twice", now=now):
        message = f"the agency reports two paid debts as one: refund of {remainder} won pending approval"
        raise_alarm(kind="paid_twice", subject=payment.order_id, message=message, now=now)
