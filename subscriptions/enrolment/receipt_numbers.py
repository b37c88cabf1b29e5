"""Make the receipt numbers of sign-ups and registrations, note whose they are, and find a person by one.

Those of people who enrolled before they were noted: `manage.py note_receipt_numbers`.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from secretary.kernel.persons.blind_index import blind_index
from subscriptions.models import Citizen, CitizenKey, ReceiptNumber

_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # no I, L, O, U, 0, 1: it is read out on the telephone
_NUMBER = re.compile(f"[{_ALPHABET}]{{8}}")
_NOT_OF_IT = re.compile(r"[\W_]+")


def receipt_number(citizen: Citizen) -> str:
    """Return the code that a person reads out to inquire about their sign-up: "KMPT-2QX9". Holds no personal data."""
    return receipt_of(citizen.id)


def receipt_of(citizen_id: UUID) -> str:
    digits = blind_index("receipt", str(citizen_id))[:8]
    text = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digits)
    return f"{text[:4]}-{text[4:]}"


def stored(receipt: str) -> str:
    """Return a receipt number as it is stored, from any writing of it: "kmpt 2qx9" is KMPT2QX9."""
    return _NOT_OF_IT.sub("", unicodedata.normalize("NFKC", receipt)).upper()


def note_receipts(people: Collection[UUID]) -> None:
    """Note the numbers of these people; those that are noted already stay."""
    ReceiptNumber.objects.bulk_create(
        [ReceiptNumber(citizen_id=each, number=stored(receipt_of(each))) for each in people], ignore_conflicts=True
    )


def holders_of(typed: str, *, most: int = 20) -> list[UUID]:
    """Return the enrolled people who have this number, in whatever way it is written; [] where it can be none."""
    number = stored(typed)
    if not _NUMBER.fullmatch(number):
        return []
    held = ReceiptNumber.objects.filter(number=number, citizen__state=Citizen.ACTIVE).order_by("citizen_id")
    return list(held.values_list("citizen_id", flat=True)[:most])


def note_all(*, batch: int) -> Iterator[int]:
    """Note the numbers of everyone who has keys, that is, of rows that were not merged into others; yield how many
    people were read so far."""
    after, done = UUID(int=0), 0
    while people := list(_enrolled().filter(pk__gt=after).values_list("pk", flat=True)[:batch]):
        note_receipts(people)
        after, done = people[-1], done + len(people)
        yield done


def _enrolled() -> QuerySet[Citizen]:
    keys = CitizenKey.objects.filter(citizen=OuterRef("pk"))
    return Citizen.objects.filter(Exists(keys), state=Citizen.ACTIVE).order_by("pk")
