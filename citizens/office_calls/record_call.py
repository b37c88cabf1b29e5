"""Record what came of a call, and what follows from it."""

from datetime import date, datetime

from django.db import transaction

from citizens.models import OfficeCall
from citizens.models.office_call import LEAVE_ALONE, NO_ANSWER, OUTCOMES
from citizens.office_calls.call_list import to_call
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from subscriptions.enrolment.people import lock_person
from subscriptions.enrolment.withdraw import withdraw_office_calls
from subscriptions.models import Citizen, Official

ACTION = "office_call.recorded"


class NotToCall(LookupError):
    """The person is not on the office's list any more: reached meanwhile, called by a colleague, or withdrawn."""


@retried
@transaction.atomic
def record_call(
    *, citizen: Citizen, official: Official, outcome: str, next_call_on: date | None, now: datetime
) -> None:
    """Record the call; `LEAVE_ALONE` withdraws the consent to be called. `next_call_on`: after no answer.

    Raises NotToCall, Busy.
    """
    lock_person(citizen.id)
    person = to_call(office=official.office, citizen_id=citizen.pk, now=now)
    if person is None or outcome not in OUTCOMES:
        raise NotToCall
    OfficeCall.objects.create(
        citizen=citizen,
        office=official.office,
        notice_id=person.notice_id,
        called_at=now,
        outcome=outcome,
        next_call_on=next_call_on if outcome == NO_ANSWER else None,
    )
    actor = f"official:{official.id}"
    record_audit(now=now, actor=actor, action=ACTION, citizen_id=citizen.id, object=outcome)
    if outcome == LEAVE_ALONE:
        withdraw_office_calls(citizen=citizen, actor=actor, now=now)
