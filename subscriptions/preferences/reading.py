"""Choose how one reads: the language of notices and pages, text size and contrast. Kept with the person."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from subscriptions.enrolment.people import lock_person
from subscriptions.models import Citizen

TEXT_SIZES = ("100", "110", "130", "150")  # per cent


class Reading(NamedTuple):
    """`language`: ko or en. `text_size` "" and `contrast` None: not chosen; each device keeps its own."""

    language: str
    text_size: str = ""
    contrast: bool | None = None


def reading_of(citizen: Citizen) -> Reading:
    return Reading(citizen.language, citizen.text_size, citizen.contrast)


@retried
@transaction.atomic
def choose_reading(*, citizen_id: UUID, reading: Reading, actor: str, now: datetime) -> bool:
    """Set all three; return whether anything changed. The next notice has the language. Raises ValueError, Busy."""
    if reading.language not in ("ko", "en") or reading.text_size not in ("", *TEXT_SIZES):
        raise ValueError("no such language or text size")
    lock_person(citizen_id)
    citizen = Citizen.objects.get(pk=citizen_id)
    if reading_of(citizen) == reading:
        return False
    Citizen.objects.filter(pk=citizen_id).update(**reading._asdict())
    what = f"{reading.language} {reading.text_size or '-'} {'contrast' if reading.contrast else '-'}"
    record_audit(now=now, actor=actor, action="reading.changed", citizen_id=citizen_id, object=what)
    return True
