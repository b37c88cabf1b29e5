"""Find entries of one office that are like an official's input: one person is entered once, unless the official
confirms that it is another person."""

from collections.abc import Collection, Iterator
from uuid import UUID

from secretary.kernel.persons.blind_index import blind_index, name_indexes, phone_index
from secretary.kernel.persons.person_names import name_key
from subscriptions.enrolment.paper import Paper
from subscriptions.models import Citizen, CitizenKey, Contact, Office
from subscriptions.registration.registration_warnings import Alike, Likeness
from subscriptions.registration.scope import papers_of, registered_by_office


def locks_of(office: Office, details: Paper, form: str) -> list[bytes]:
    """Return keys for `lock_people`: while they are held, no other official enters the same person or form."""
    person = f"{name_key(details.name)}|{details.birth_date.isoformat()}"
    return [blind_index("entry", person), blind_index("paper form", f"{office.pk}|{form}")]


def refuse_alike(
    office: Office, details: Paper, *, form: str, but: Collection[UUID], person_only: bool = False
) -> None:
    """Raise Alike about the first entry that is like these details, except those of `but`.

    `person_only`: the person is known; a shared telephone, or the same form recorded again, is no sign of a mistake.
    """
    for entry, by in _entries_alike(office, details, form, person_only=person_only):
        if entry.id not in but:
            proved = CitizenKey.objects.filter(citizen=entry, kind=CitizenKey.CI).exists()
            raise Alike(entry, by, proved=proved)


def _entries_alike(
    office: Office, details: Paper, form: str, *, person_only: bool
) -> Iterator[tuple[Citizen, Likeness]]:
    own = registered_by_office(office)
    for entry in own.filter(name_hash__in=name_indexes(details.name)):
        if entry.birth_date == details.birth_date:
            yield entry, "person"
    if person_only:
        return
    numbers = Contact.objects.filter(kind=Contact.PHONE, value_hash=phone_index(details.phone), suspended_at=None)
    for entry in own.filter(pk__in=numbers.values("citizen")):
        yield entry, "number"
    if form:
        for entry in own.filter(pk__in=papers_of(office).filter(paper_form=form).values("citizen")):
            yield entry, "form"
