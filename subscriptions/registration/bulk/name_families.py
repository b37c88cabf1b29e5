"""NAME FAMILIES: of the rows that name a family member, refuse those whose number cannot be asked, and name the others.

As on the page for one senior: the same words whether its owner has declined or was asked too often, and nothing but
one question goes to the number before they have agreed (docs/adr/0053-a-family-member-hears-that.md).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from secretary.kernel.persons.blind_index import phone_index
from subscriptions.enrolment.choices import Given
from subscriptions.enrolment.family.name_member import Named, name_member, questions_left
from subscriptions.models import Citizen, Consent, Official
from subscriptions.registration.bulk.columns import FAMILY_PHONE
from subscriptions.registration.bulk.read_row import Entry, Fault


def refused_families(entries: Iterable[Entry], named: Counter[bytes], *, now: datetime) -> dict[int, list[Fault]]:
    """Return row → what is wrong with its family member's number, in two statements. `named`: how often the rows before
    have named each number; kept by the caller."""
    phones = {entry.row: phone_index(entry.family_phone) for entry in entries if entry.family_phone}
    left = questions_left(set(phones.values()), now=now) if phones else {}
    refused: dict[int, list[Fault]] = {}
    for row, phone in phones.items():
        if named[phone] < left[phone]:
            named[phone] += 1
        else:
            refused[row] = [(FAMILY_PHONE, "family_not_asked")]
    return refused


def name_families(
    entries: Sequence[Entry], people: Mapping[int, UUID], *, official: Official, given_at: datetime, now: datetime
) -> None:
    """Name the family members of rows that were registered just now (`people`: row → person). Joins the transaction, in
    which their numbers are locked and were found to be free."""
    naming = [entry for entry in entries if entry.family_phone]
    citizens = Citizen.objects.in_bulk([people[entry.row] for entry in naming])
    for entry in naming:
        citizen = citizens[people[entry.row]]
        name_member(
            citizen=citizen,
            named=Named(entry.family_name, entry.family_phone),
            given=Given(given_at, citizen.language, Consent.PAPER, official, entry.form),
            actor=f"official:{official.pk}",
            now=now,
        )
