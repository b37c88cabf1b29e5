"""Close or reopen a bill without a payment through us: by the feed, the agency or the person."""

from collections.abc import Callable, Collection
from datetime import datetime

from notifications.alarms import raise_alarm
from notifications.matching.mark_paid import (
    hear_from_agency,
    mark_record_paid,
    mark_record_unpaid,
    pause_reminders,
    resume_reminders,
)
from notifications.models import Record
from notifications.models.record import is_about
from payments import adapters
from payments.adapters import NotOffered
from payments.billers.contract import BillerRefused, BillerUnavailable, Debt, DebtState
from payments.bills.debts import settled_payments
from payments.models import Bill
from payments.refusal_codes import AGENCY_SILENT, UNKNOWN_TO_AGENCY
from payments.refusals import Refused
from payments.states import (
    ANOTHER_PERSON,
    CANCELLED_BY_AGENCY,
    CLOSED,
    OBJECTED,
    OBJECTION,
    OPEN,
    PAID,
    PAID_ELSEWHERE,
    PART_REFUNDED,
    REFUNDED,
    SIBLING,
)
from payments.transitions import abandon_untouched
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.connections import let_go
from subscriptions.models import Citizen, CitizenKey

SYSTEM = "system"
FROM_THE_FEED = {
    Record.PAID: PAID_ELSEWHERE,
    Record.COMPLETED: PAID_ELSEWHERE,
    Record.WITHDRAWN: CANCELLED_BY_AGENCY,
    Record.OBJECTED: OBJECTED,
}
# What the agency answers to a query → why the bill is closed, and the record's state.
FROM_THE_BILLER = {
    DebtState.PAID: (PAID_ELSEWHERE, Record.PAID),
    DebtState.WITHDRAWN: (CANCELLED_BY_AGENCY, Record.WITHDRAWN),
    DebtState.OBJECTION: (OBJECTED, Record.OBJECTED),
}

AGENCYS = (PAID_ELSEWHERE, CANCELLED_BY_AGENCY, OBJECTED, SIBLING, ANOTHER_PERSON)
# Closed for a time: what the agency reports meanwhile is the reason from then on.
FOR_A_TIME = (ANOTHER_PERSON, OBJECTED, OBJECTION)
HOLDS_MONEY = (PAID, PART_REFUNDED)


def close_bill(*, bill: Bill, reason: str, actor: str, now: datetime) -> None:
    """Close a locked bill. Payments of it that cannot have captured anything end with it; one that is being confirmed
    goes on, and what it captures is surplus."""
    _move(bill, CLOSED, reason, actor=actor, now=now)
    abandon_untouched(bill=bill, reason=reason, now=now)
    if reason == OBJECTION:
        pause_reminders(record_id=bill.record_id, now=now)


def reopen_bill(*, bill: Bill, actor: str, now: datetime) -> None:
    _move(bill, OPEN, "", actor=actor, now=now)
    resume_reminders(record_id=bill.record_id, now=now)


def lock_out(*, bill: Bill, now: datetime) -> None:
    """Lock out another way to pay what has been paid. Its person is not notified twice."""
    if bill.state == OPEN:
        _settle_with_sibling(bill, now)


def _settle_with_sibling(bill: Bill, now: datetime) -> None:
    close_bill(bill=bill, reason=SIBLING, actor=SYSTEM, now=now)
    mark_record_paid(record_id=bill.record_id, now=now, announce=False)


def standing(bill: Bill, *, paid: Callable[[], bool], has_other: Callable[[], bool]) -> tuple[str, str]:
    """Return state and reason of a bill by its record's newest state and person. Writes nothing: pages show it, and
    `follow_record` brings the row there.

    `paid`: whether its debt is; `has_other`: whether another bill of its record is open, of a person whom it is about.
    """
    record, now_stands = bill.record, (bill.state, bill.reason)
    if not bill.is_theirs:
        if bill.citizen.state == Citizen.ERASED:  # the keys are gone: that the record is not theirs means nothing
            return now_stands
        if bill.state in HOLDS_MONEY:
            return bill.state, ANOTHER_PERSON
        return now_stands if bill.state == REFUNDED else (CLOSED, ANOTHER_PERSON)
    if bill.state in HOLDS_MONEY:
        return bill.state, "" if bill.reason == ANOTHER_PERSON else bill.reason
    ends = bill.state == OPEN or (bill.state == REFUNDED and record.state == Record.WITHDRAWN)
    if record.state in FROM_THE_FEED and (ends or (bill.state == CLOSED and bill.reason in FOR_A_TIME)):
        return CLOSED, FROM_THE_FEED[record.state]
    if record.state == Record.OPEN and _comes_back(bill) and not paid() and not has_other():
        return OPEN, ""
    # Also where its record has come to this person with a case that is paid: it is about them, and settled.
    may_be_settled = bill.state == OPEN or (record.state == Record.OPEN and now_stands == (CLOSED, ANOTHER_PERSON))
    return (CLOSED, SIBLING) if may_be_settled and paid() else now_stands


def has_other_open(bill: Bill) -> bool:
    """Whether another person's bill of the record is open, and the record is about them: one is open at a time."""
    return bill.pk in with_other_open([bill])


def with_other_open(bills: Collection[Bill]) -> set[int]:
    """Return those of these bills of which `has_other_open` is true. One statement."""
    found = Bill.objects.filter(is_about(), record__in={bill.record_id for bill in bills}, state=OPEN)
    others = {(row.record_id, row.pk) for row in found.only("pk", "record")}
    return {bill.pk for bill in bills if any(record == bill.record_id and pk != bill.pk for record, pk in others)}


def follow_record(*, bill: Bill, now: datetime) -> str:
    """Bring a locked bill up to its record's newest state and person.

    Returns why what was paid here has to be refunded, "" where it has not: the agency has cancelled the debt, or
    reports that it was another person's.
    """
    _remember(bill)
    _look_after_case(bill, now)
    paid = settled_payments(bill.debt).exists
    state, reason = standing(bill, paid=paid, has_other=lambda: has_other_open(bill))
    if (state, reason) != (bill.state, bill.reason):
        _go(bill, state, reason, now)
    if bill.state not in HOLDS_MONEY or bill.reason == ANOTHER_PERSON:
        return bill.reason if bill.state in HOLDS_MONEY else ""
    return CANCELLED_BY_AGENCY if bill.record.state == Record.WITHDRAWN else ""


def _go(bill: Bill, state: str, reason: str, now: datetime) -> None:
    agency = f"agency:{bill.record.agency.code}"
    if state in HOLDS_MONEY:
        _hand_money_over(bill, reason, now)
    elif state == OPEN:
        _end_former(bill, now)
        reopen_bill(bill=bill, actor=agency, now=now)
    elif reason == SIBLING:
        _settle_with_sibling(bill, now)
    else:
        if bill.reason == OBJECTION:  # it is the agency's word now, or was not the other person's
            resume_reminders(record_id=bill.record_id, now=now)
        close_bill(bill=bill, reason=reason, actor=agency, now=now)


def poll_agency(*, bill: Bill, now: datetime) -> Debt | Refused:
    """Query the agency about the debt at this moment, with the biller's time-out: before the citizen goes to the
    provider's page, and once more before money is captured. Returns a refusal where the agency does not answer or does
    not know the debt.
    """
    agency = bill.record.agency.code
    let_go()
    try:
        return adapters.biller(agency).poll(bill.record.external_id)
    except (BillerUnavailable, NotOffered):  # or its biller was removed from the settings since the payment was begun
        return Refused(AGENCY_SILENT)
    except BillerRefused as error:
        message = f"bill {bill.pk}: the biller does not know the debt ({error.code})"
        raise_alarm(kind="biller_refused", subject=agency, message=message, now=now)
        return Refused(UNKNOWN_TO_AGENCY)


def hear_agency(*, bill: Bill, debt: Debt | Refused, now: datetime) -> None:
    """Keep on a locked bill what `poll_agency` has just learnt of its debt. A bill that the agency does not know is not
    offered until the agency knows it or sends a newer version of its record."""
    follow_record(bill=bill, now=now)
    if isinstance(debt, Refused):
        if debt.code == UNKNOWN_TO_AGENCY and bill.unknown_since is None:
            _note_unknown(bill, now)
        return
    if bill.unknown_since is not None:
        _note_unknown(bill, None)
    if debt.state in FROM_THE_BILLER and bill.state == OPEN:
        reason, record_state = FROM_THE_BILLER[debt.state]
        close_bill(bill=bill, reason=reason, actor=f"agency:{bill.record.agency.code}", now=now)
        hear_from_agency(record_id=bill.record_id, state=record_state, now=now)


def _note_unknown(bill: Bill, unknown_since: datetime | None) -> None:
    bill.unknown_since = unknown_since
    bill.save(update_fields=["unknown_since"])


def _remember(bill: Bill) -> None:
    """Note which version was seen, and whose the bill is: its key may have moved to another row of the same person."""
    before = (bill.key_id, bill.citizen_id, bill.seen_version, bill.follow_at)
    if bill.key_id is None:
        hashes = [each for each in (bill.record.ci_hash, bill.record.person_hash) if each is not None]
        bill.key = CitizenKey.objects.filter(citizen=bill.citizen_id, key_hash__in=hashes).first()
    holder = CitizenKey.objects.filter(pk__in=[bill.key_id]).values_list("citizen_id", flat=True).first()
    if holder not in (None, bill.citizen_id) and not Bill.objects.filter(record=bill.record, citizen=holder).exists():
        bill.citizen_id = holder
    if bill.seen_version != bill.record.version:
        bill.unknown_since = None  # the agency speaks of it again
    bill.seen_version, bill.follow_at, bill.failed = bill.record.version, None, 0
    if before != (bill.key_id, bill.citizen_id, bill.seen_version, bill.follow_at):
        bill.save(update_fields=["key", "citizen", "seen_version", "follow_at", "failed", "unknown_since"])


def _look_after_case(bill: Bill, now: datetime) -> None:
    """Undo the payment of a record whose bill was closed as a sibling of a paid one, and whose debt no payment settles
    any more: a correction has taken it out of that case."""
    locked_out = (bill.state, bill.reason) == (CLOSED, SIBLING) and bill.record.paid_here_at is not None
    if locked_out and bill.is_theirs and not settled_payments(bill.debt).exists():
        mark_record_unpaid(record_id=bill.record_id)
        message = f"record {bill.record_id} is no longer part of a paid case; ask the agency to send it again"
        raise_alarm(kind="case_changed", subject=bill.record.agency.code, message=message, now=now)


def _hand_money_over(bill: Bill, reason: str, now: datetime) -> None:
    """Mark a paid bill whose record is another person's now, or its person's again. What the former person paid stays
    theirs to see, and its refund is requested."""
    bill.reason = reason
    bill.save(update_fields=["reason"])
    if reason == ANOTHER_PERSON:
        mark_record_unpaid(record_id=bill.record_id)  # what this payment knows is not for the other person
    else:
        mark_record_paid(record_id=bill.record_id, now=now, announce=False)


def _end_former(bill: Bill, now: datetime) -> None:
    """Close the open bill of a person whom the record is no longer about; it is locked with the debt."""
    others = Bill.objects.select_related("record__agency").filter(~is_about(), record=bill.record_id, state=OPEN)
    for other in others.exclude(pk=bill.pk):
        _go(other, CLOSED, ANOTHER_PERSON, now)


def _comes_back(bill: Bill) -> bool:
    """Return whether a bill opens again where its record is open and nothing else is against it: refunded; closed by
    the agency's word or with its sibling; or closed by an objection, and the record was received since."""
    return bill.state == REFUNDED or (
        bill.state == CLOSED
        and (bill.reason in AGENCYS or (bill.reason == OBJECTION and bill.record.received_at > bill.changed_at))
    )


def _move(bill: Bill, state: str, reason: str, *, actor: str, now: datetime) -> None:
    bill.state, bill.reason, bill.changed_at = state, reason, now
    bill.save(update_fields=["state", "reason", "changed_at"])
    action = "bill.closed" if state == CLOSED else "bill.reopened"
    record_audit(
        now=now, actor=actor, action=action, citizen_id=bill.citizen_id, object=f"bill:{bill.pk}", reason=reason
    )
