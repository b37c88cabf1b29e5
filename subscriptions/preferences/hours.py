"""Choose one's own hours for notices that are not urgent. The claim obeys them at the very next send."""

from datetime import datetime, time
from typing import Literal, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from subscriptions.enrolment.people import lock_person
from subscriptions.events import announce_rescheduled
from subscriptions.models import Citizen

MIDNIGHT = time(0)  # as the end of the hours: until the day is over
HOURS_A_DAY = 24


class Hours(NamedTuple):
    """Begin and end (KST); the end 00:00 is the end of the day."""

    starts: time
    ends: time

    @property
    def length(self) -> int:
        """Return how many hours a day these are; 0 or less: the end is not after the begin."""
        return _hour_of_end(self.ends) - self.starts.hour

    def include(self, clock: time) -> bool:
        """Return whether messages that are not urgent may go out at this time of the day (KST)."""
        return self.starts <= clock and (clock < self.ends or self.ends == MIDNIGHT)


class HoursRefused(ValueError):
    """The end is not after the begin, the hours are too few, or they are outside of what may be chosen."""

    def __init__(self, kind: Literal["end_first", "too_few", "outside"]) -> None:
        super().__init__(kind)
        self.kind = kind


def usual_hours() -> Hours:
    """Return the hours of people who have chosen none."""
    return Hours(settings.DAY_STARTS, settings.DAY_ENDS)


def hours_of(citizen: Citizen) -> Hours:
    usual = usual_hours()
    return Hours(
        usual.starts if citizen.hours_from is None else citizen.hours_from,
        usual.ends if citizen.hours_to is None else citizen.hours_to,
    )


def check_hours(hours: Hours) -> None:
    """Raises HoursRefused."""
    if hours.length <= 0:
        raise HoursRefused("end_first")
    if hours.length < settings.HOURS_AT_LEAST:
        raise HoursRefused("too_few")
    outside = hours.starts < settings.HOURS_EARLIEST or _hour_of_end(hours.ends) > _hour_of_end(settings.HOURS_LATEST)
    if outside or hours.starts.minute or hours.ends.minute:
        raise HoursRefused("outside")


@retried
@transaction.atomic
def choose_hours(*, citizen_id: UUID, hours: Hours | None, actor: str, now: datetime) -> bool:
    """Set the person's hours, None: the usual ones; return whether anything changed. Notices that wait for the old
    hours become due, and the claim compares them with the new ones. Raises HoursRefused, Busy."""
    if hours is not None:
        check_hours(hours)
    lock_person(citizen_id)
    starts, ends = hours or (None, None)
    same = Citizen.objects.filter(pk=citizen_id, hours_from=starts, hours_to=ends)
    if same.exists():
        return False
    Citizen.objects.filter(pk=citizen_id).update(hours_from=starts, hours_to=ends)
    announce_rescheduled(citizen_id=citizen_id, now=now)
    chosen = f"hours:{hours.starts:%H:%M}-{hours.ends:%H:%M}" if hours else "hours:usual"
    record_audit(now=now, actor=actor, action="hours.changed", citizen_id=citizen_id, object=chosen)
    return True


def _hour_of_end(ends: time) -> int:
    return HOURS_A_DAY if ends == MIDNIGHT else ends.hour
