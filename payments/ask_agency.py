"""Ask the agency about one debt, with a time-out (the desk's). Until it has answered nothing is taken."""

from datetime import datetime

from notifications.alarms import raise_alarm
from payments import gateways
from payments.desks.contract import Debt, DeskRefused, DeskUnavailable
from payments.gateways import NotOffered
from payments.models import Bill
from payments.refusals import Refused
from secretary.common.connections import let_go


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
        return Refused("unknown_to_agency")
