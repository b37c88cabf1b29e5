"""Correct an official's typing mistake in an entry of their own office, without a newly signed paper form."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from secretary.kernel.persons.birth_dates import BirthDate
from secretary.kernel.time.clock import kst_date
from subscriptions.enrolment.paper import Paper
from subscriptions.enrolment.people import details_hashes, lock_people, owners_of
from subscriptions.enrolment.same_person import has_proved, make_same
from subscriptions.events import announce_subscribed
from subscriptions.models import Citizen, Consent, Official
from subscriptions.registration.alike import locks_of, refuse_alike
from subscriptions.registration.register_senior import (
    is_old_enough,
    kept_apart,
    refusals_on_trail,
    refuse_number_of_another,
)
from subscriptions.registration.registration_warnings import AlreadyRegistered, TooYoungForOffice
from subscriptions.registration.registrations import paper_of, with_details
from subscriptions.registration.scope import NotThisOffice, registered_by_office


@dataclass(frozen=True, slots=True)
class Correction:
    """The corrected values; None: no change. `phone`: E.164."""

    name: str | None = None
    birth_date: BirthDate | None = None
    phone: str | None = None

    @property
    def parts(self) -> list[str]:
        return [name for name in ("name", "birth_date", "phone") if getattr(self, name) is not None]


class NothingToCorrect(ValueError):
    """The paper form's data was not stored, and the person has signed up themselves since."""


def correct_registration(
    *,
    official: Official,
    citizen_id: UUID,
    correction: Correction,
    reason: str,
    now: datetime,
    seen: Collection[UUID] = (),
    same: Collection[UUID] = (),
) -> Citizen:
    """Write the paper form's data into the entry. A person with an identity check keeps name and number; only the
    stored paper form is corrected.

    `seen`, `same`: as in `register_senior`. Returns the person's row, which may be another one that had these details
    already. Raises NotThisOffice, NothingToCorrect, TooYoungForOffice, Warned, Busy.
    """
    entry = with_details(official.office).filter(pk=citizen_id).first()
    paper = paper_of(entry) if entry else None
    form = entry.papers[0].paper_form if entry else ""  # type: ignore[attr-defined]  # prefetched by with_details
    if entry is None:
        raise NotThisOffice
    if paper is None:
        raise NothingToCorrect
    right = Paper(
        correction.name or paper.name, correction.birth_date or paper.birth_date, correction.phone or paper.phone
    )
    what = f"{','.join(correction.parts)} form:{form}"
    with refusals_on_trail(official, form, now):
        return _correct(
            official=official,
            entry=entry,
            right=right,
            form=form,
            what=what,
            reason=reason,
            now=now,
            seen=seen,
            same=same,
        )


@retried
@transaction.atomic
def _correct(
    official: Official,
    entry: Citizen,
    right: Paper,
    *,
    form: str,
    what: str,
    reason: str,
    now: datetime,
    seen: Collection[UUID],
    same: Collection[UUID],
) -> Citizen:
    if not is_old_enough(right.birth_date, kst_date(now)):
        raise TooYoungForOffice("too young")
    office, keys = official.office, details_hashes(right.name, right.birth_date, right.phone)
    lock_people(keys, right.phone, people=[entry.id, *same], also=locks_of(office, right, form))
    own = registered_by_office(office)
    entries = sorted(own.filter(pk__in=[entry.id, *same]), key=lambda each: each.id != entry.id)  # this one stays
    if entry not in entries:
        raise NotThisOffice
    known = [owner.id for owner in owners_of(keys).values() if owner not in entries]
    for other in known:
        if other not in seen:
            raise AlreadyRegistered(other, own.filter(pk=other).first())
    refuse_alike(office, right, form=form, but={*seen, *(each.id for each in entries)}, person_only=True)
    if not known and not any(map(has_proved, entries)):
        refuse_number_of_another(entry, right.phone, seen)
    actor = f"official:{official.id}"
    row = make_same(entries, right, keys=keys, actor=actor, now=now)
    papers = Consent.objects.filter(
        citizen=row, method=Consent.PAPER, office=office, paper_form=form, withdrawn_at=None
    )
    papers.update(paper_encrypted=right.sealed(row.id))
    record_audit(now=now, actor=actor, action="registration.corrected", citizen_id=row.id, object=what, reason=reason)
    kept_apart(seen, but={row.id, *known}, actor=actor, what=what, now=now)
    announce_subscribed(row.id)
    return row
