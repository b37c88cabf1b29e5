"""A bill ends without a payment through us, or comes back: what the feed, the agency or the person says about it."""

from datetime import datetime

from django.db import transaction

from notifications.models import Record
from notifications.settle_record import pause_reminders, resume_reminders
from payments.bills import bill_of, lock_debt
from payments.models import Bill, Payment
from payments.refusals import Refused
from payments.states import (
    ABANDONED,
    CANCELLED_BY_AGENCY,
    CLOSED,
    LIVE,
    OBJECTION,
    OPEN,
    PAID,
    PAID_ELSEWHERE,
    PART_REFUNDED,
    REFUNDED,
    SIBLING,
    UNTOUCHED,
)
from secretary.common.audit import record_audit
from subscriptions.models import Citizen

CITIZEN = "citizen"
FROM_THE_FEED = {
    Record.PAID: PAID_ELSEWHERE,
    Record.COMPLETED: PAID_ELSEWHERE,
    Record.WITHDRAWN: CANCELLED_BY_AGENCY,
}


def close_bill(*, bill: Bill, reason: str, actor: str, now: datetime) -> None:
    """Close a locked bill. Payments of it that cannot have taken anything end with it; one that is being confirmed
    goes on, and what it takes is surplus."""
    _move(bill, CLOSED, reason, actor=actor, now=now)
    give_up(bill=bill, reason=reason, now=now)
    if reason == OBJECTION:
        pause_reminders(record_id=bill.record_id, now=now)


def reopen_bill(*, bill: Bill, actor: str, now: datetime) -> None:
    _move(bill, OPEN, "", actor=actor, now=now)
    resume_reminders(record_id=bill.record_id, now=now)


def give_up(*, bill: Bill, reason: str, now: datetime) -> int:
    """End the bill's payments that nobody has confirmed; how many. Its debt is locked."""
    untouched = Payment.objects.filter(bill=bill, state__in=UNTOUCHED)
    return untouched.update(state=ABANDONED, reason=reason, finished_at=now, ask_at=None)


def follow_record(*, bill: Bill, now: datetime) -> bool:
    """Bring a locked bill up to its record's newest state; whether the agency has cancelled what was paid here."""
    state, agency = bill.record.state, f"agency:{bill.record.agency.code}"
    if bill.state in (OPEN, REFUNDED) and state in FROM_THE_FEED and not _settled_here(bill):
        close_bill(bill=bill, reason=FROM_THE_FEED[state], actor=agency, now=now)
    elif state == Record.OPEN and (bill.state == REFUNDED or (bill.state == CLOSED and _was_agencys(bill))):
        reopen_bill(bill=bill, actor=agency, now=now)
    return bill.state in (PAID, PART_REFUNDED) and state == Record.WITHDRAWN


def _settled_here(bill: Bill) -> bool:
    return bill.state == REFUNDED and bill.record.state != Record.WITHDRAWN


def _was_agencys(bill: Bill) -> bool:
    """Closed by the agency's word or with its sibling, or by an objection before the agency's newest word."""
    return bill.reason in (PAID_ELSEWHERE, CANCELLED_BY_AGENCY, SIBLING) or (
        bill.reason == OBJECTION and bill.record.received_at > bill.changed_at
    )


@transaction.atomic
def raise_objection(*, citizen: Citizen, bill_id: int, now: datetime) -> Bill:
    """The person says that the debt is not theirs or wrong: its date reminders wait, and nothing can be paid here.

    This replaces no objection at the agency (질서위반행위규제법 §20) and moves no deadline. Raises NoSuchBill, Refused.
    """
    bill, _ = lock_debt(bill_of(citizen, bill_id).pk)
    if bill.state != OPEN:
        raise Refused(bill.reason or "already_paid")
    if Payment.objects.filter(bill=bill, state__in=LIVE).exclude(state__in=UNTOUCHED).exists():
        raise Refused("under_way")
    close_bill(bill=bill, reason=OBJECTION, actor=CITIZEN, now=now)
    return bill


@transaction.atomic
def take_back_objection(*, citizen: Citizen, bill_id: int, now: datetime) -> Bill:
    """Reminders go on, and the debt can be paid again. Raises NoSuchBill, Refused."""
    bill, _ = lock_debt(bill_of(citizen, bill_id).pk)
    if (bill.state, bill.reason) != (CLOSED, OBJECTION):
        raise Refused(bill.reason or "already_paid")
    reopen_bill(bill=bill, actor=CITIZEN, now=now)
    return bill


def _move(bill: Bill, state: str, reason: str, *, actor: str, now: datetime) -> None:
    bill.state, bill.reason, bill.changed_at = state, reason, now
    bill.save(update_fields=["state", "reason", "changed_at"])
    action = "bill.closed" if state == CLOSED else "bill.reopened"
    record_audit(
        now=now, actor=actor, action=action, citizen_id=bill.citizen_id, object=f"bill:{bill.pk}", reason=reason
    )
