"""Ask the agency about one debt, with a time-out (the desk's): before the person goes to the provider's page, and once
more before money is taken. Until it has answered nothing is taken, and what it has said is kept on the bill."""

from datetime import datetime

from django.db import transaction

from notifications.alarms import raise_alarm
from notifications.settle_record import hear_from_agency
from payments import gateways
from payments.bills import bill_of
from payments.close_bill import close_bill, follow_record
from payments.debts import lock_debt
from payments.desks.contract import Debt, DebtState, DeskRefused, DeskUnavailable
from payments.gateways import NotOffered
from payments.models import Bill
from payments.refusals import Refused
from payments.states import CANCELLED_BY_AGENCY, OBJECTED, OPEN, PAID_ELSEWHERE
from secretary.common.connections import let_go
from subscriptions.models import Citizen

# What the agency says of a debt → why its bill is closed, and the record's state.
CLOSES = {
    DebtState.PAID: (PAID_ELSEWHERE, "paid"),
    DebtState.WITHDRAWN: (CANCELLED_BY_AGENCY, "withdrawn"),
    DebtState.OBJECTION: (OBJECTED, "objected"),
}
UNKNOWN_TO_AGENCY = "unknown_to_agency"


def ask_agency(*, bill: Bill, now: datetime) -> Debt | Refused:
    """What the agency says at this moment; a refusal where it says nothing or does not know the debt."""
    agency = bill.record.agency.code
    let_go()
    try:
        return gateways.desk(agency).ask(bill.record.external_id)
    except (DeskUnavailable, NotOffered):  # or its desk was taken out of the settings since the payment was begun
        return Refused("agency_silent")
    except DeskRefused as error:
        message = f"bill {bill.pk}: the desk does not know the debt ({error.code})"
        raise_alarm(kind="desk_refused", subject=agency, message=message, now=now)
        return Refused(UNKNOWN_TO_AGENCY)


def hear_agency(*, bill: Bill, debt: Debt | Refused, now: datetime) -> None:
    """What the agency has just said of the debt of a locked bill. One that it does not know is not offered any more,
    until it knows it or sends a newer version of its record."""
    follow_record(bill=bill, now=now)
    if isinstance(debt, Refused):
        if debt.code == UNKNOWN_TO_AGENCY and bill.unknown_since is None:
            _know(bill, now)
        return
    if bill.unknown_since is not None:
        _know(bill, None)
    actor = f"agency:{bill.record.agency.code}"
    if debt.state in CLOSES and bill.state == OPEN:
        reason, record_state = CLOSES[debt.state]
        close_bill(bill=bill, reason=reason, actor=actor, now=now)
        hear_from_agency(record_id=bill.record_id, state=record_state, now=now)


def ask_once_more(*, citizen: Citizen, bill_id: int, now: datetime) -> None:
    """The person asks whether the agency knows their bill by now. Raises NoSuchBill, and Refused where it does not."""
    bill = bill_of(citizen, bill_id)
    debt = ask_agency(bill=bill, now=now)
    with transaction.atomic():
        locked, _ = lock_debt(bill.pk, now=now)
        hear_agency(bill=locked, debt=debt, now=now)
    if isinstance(debt, Refused):
        raise debt


def _know(bill: Bill, unknown_since: datetime | None) -> None:
    bill.unknown_since = unknown_since
    bill.save(update_fields=["unknown_since"])
