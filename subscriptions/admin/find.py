"""Find the person for an administrator's search text. Look-ups go through keyed hashes only."""

import re
from uuid import UUID

from django.db.models import Q, QuerySet

from secretary.kernel.persons.birth_dates import birth_date_of
from secretary.kernel.persons.blind_index import name_indexes, phone_index
from secretary.kernel.persons.phone import NotAMobile, parse_mobile
from subscriptions.enrolment.people import details_hashes
from subscriptions.models import Citizen, Contact

PHONE = re.compile(r"^\+?[\d０-９][\d０-９ \-.()]{7,}$")
PERSON = re.compile(r"^(?P<name>.+?)[ ,]+(?P<birth>\d{4}[-.]?\d{2}[-.]?\d{2})[ ,]+(?P<phone>\+?\d[\d -]{7,})$")


def find_citizens(text: str) -> tuple[str, QuerySet[Citizen]]:
    """Return the kind of look-up and its rows: an id, a phone, name + birth date + phone, otherwise a name."""
    if (citizen_id := as_uuid(text)) is not None:
        return "id", Citizen.objects.filter(pk=citizen_id)
    if PHONE.match(text):
        return "phone", Citizen.objects.filter(pk__in=contacts_by_phone(text).values("citizen"))
    if found := PERSON.match(text):
        return "person", _by_person(found["name"], found["birth"], found["phone"])
    return "name", Citizen.objects.filter(name_hash__in=name_indexes(text)) if text else Citizen.objects.none()


def contacts_by_phone(text: str) -> QuerySet[Contact]:
    """Return the contacts with that mobile number; none for any other text."""
    try:
        phone = parse_mobile(text)
    except NotAMobile:
        return Contact.objects.none()
    return Contact.objects.filter(kind=Contact.PHONE, value_hash=phone_index(phone))


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _by_person(name: str, birth: str, phone: str) -> QuerySet[Citizen]:
    """Return the people with that key, or with that name and that phone."""
    digits = re.sub(r"\D", "", birth)
    try:
        day = birth_date_of(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        number = parse_mobile(phone)
    except ValueError:
        return Citizen.objects.none()
    by_key = Q(keys__key_hash__in=list(details_hashes(name, day, number).values()))
    by_parts = Q(name_hash__in=name_indexes(name), contacts__value_hash=phone_index(number))
    return Citizen.objects.filter(by_key | by_parts).distinct()
