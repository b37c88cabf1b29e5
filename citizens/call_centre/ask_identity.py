"""Ask a caller who they are: birth date, and the last four digits of the mobile number that we write to.

Compared with what is stored, and never shown. Tries are limited for each person and each member of staff, and each is
on record, so that nothing is found out by trying.
"""

import hmac
from datetime import datetime

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.persons.birth_dates import BirthDate
from subscriptions.accounts.attempts import count
from subscriptions.models import Citizen, Contact

DIGITS = 4


def can_be_asked(citizen: Citizen) -> bool:
    return _phone(citizen) is not None


def is_the_person(*, citizen: Citizen, birth_date: BirthDate, digits: str, actor: str, now: datetime) -> bool:
    """Return whether both answers are right; which of them is wrong is not said. Raises TooMany."""
    count({"caller_asked_person": str(citizen.pk), "caller_asked_staff": actor}, now=now)
    phone = _phone(citizen)
    expected = f"{citizen.birth_date.isoformat()} {phone.value[-DIGITS:]}" if phone is not None else ""
    right = hmac.compare_digest(expected, f"{birth_date.isoformat()} {digits}")
    action = "call.identity_right" if right else "call.identity_wrong"
    record_audit(now=now, actor=actor, action=action, citizen_id=citizen.pk)
    return right


def _phone(citizen: Citizen) -> Contact | None:
    return Contact.objects.filter(citizen=citizen, kind=Contact.PHONE, suspended_at=None).first()
