"""OBJECT: pause the reminders of a bill that the person disputes, and resume them.

This replaces no objection at the agency (질서위반행위규제법 §20) and moves no deadline: `file_by` (quote_bill.py) says
until when the citizen may contest a fine there.
"""

from datetime import datetime

from django.db import transaction

from payments.bills.bills import bill_of
from payments.bills.close_bill import close_bill, follow_record, reopen_bill
from payments.bills.debts import lock_debt, payments_under_way
from payments.models import Bill
from payments.refusal_codes import ALREADY_PAID, UNDER_WAY
from payments.refusals import Refused
from payments.states import CLOSED, OBJECTION, OPEN, REFUNDED
from subscriptions.models import Citizen

CITIZEN = "citizen"


def raise_objection(*, citizen: Citizen, bill_id: int, now: datetime) -> Bill:
    """Its date reminders wait, and nothing can be paid here. Raises NoSuchBill, Refused."""
    return _answer(_object(bill_of(citizen, bill_id).pk, now))


def take_back_objection(*, citizen: Citizen, bill_id: int, now: datetime) -> Bill:
    """Reminders go on, and the debt can be paid again; done again it changes nothing. Raises NoSuchBill, Refused."""
    return _answer(_take_back(bill_of(citizen, bill_id).pk, now))


def _answer(found: Bill | Refused) -> Bill:
    if isinstance(found, Refused):
        raise found
    return found


@transaction.atomic
def _object(bill_id: int, now: datetime) -> Bill | Refused:
    """Pause or resume. A refusal is returned, not raised: what was learnt about the bill stays written."""
    bill, _ = lock_debt(bill_id, now=now)
    follow_record(bill=bill, now=now)
    if bill.state != OPEN:
        return _over(bill)
    if payments_under_way(bill.debt).filter(bill=bill).exists():
        return Refused(UNDER_WAY)
    close_bill(bill=bill, reason=OBJECTION, actor=CITIZEN, now=now)
    return bill


@transaction.atomic
def _take_back(bill_id: int, now: datetime) -> Bill | Refused:
    bill, _ = lock_debt(bill_id, now=now)
    follow_record(bill=bill, now=now)
    if bill.state == OPEN:
        return bill  # the pause is over: a second click, or the agency's newer word
    if (bill.state, bill.reason) != (CLOSED, OBJECTION):
        return _over(bill)
    reopen_bill(bill=bill, actor=CITIZEN, now=now)
    return bill


def _over(bill: Bill) -> Refused:
    return Refused(bill.reason or ("refunded" if bill.state == REFUNDED else ALREADY_PAID))
