"""Find entries of one office: page by page, newest first, or by name, telephone, receipt number or paper form.

Names and telephones are found by their keyed hashes, receipt numbers as they are noted.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.persons.blind_index import name_indexes, phone_index
from secretary.kernel.persons.person_names import name_key
from secretary.kernel.persons.phone import NotAMobile, parse_mobile
from subscriptions.enrolment.receipt_numbers import holders_of, receipt_of, stored
from subscriptions.models import Citizen, Contact, Office, Official
from subscriptions.registration.registrations import Registration, masked, paper_of, with_details
from subscriptions.registration.scope import papers_of, registered_by_office

PER_PAGE = 20
MOST_FOUND = 20
PHONE = re.compile(r"\+?[\d０-９][\d０-９ \-.()]{7,}")
RECEIPT = re.compile(r"[A-Z0-9]{4}[- ]?[A-Z0-9]{4}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list. `newer`, `older`: the id at which the next page on that side begins; None: no such page."""

    entries: list[Registration]
    newer: UUID | None
    older: UUID | None


def entries_page(office: Office, *, older_than: UUID | None = None, newer_than: UUID | None = None) -> Page:
    """Return a page of the office's entries, by ids, which grow with time: nothing is counted or skipped."""
    ids = papers_of(office).values_list("citizen_id", flat=True).distinct()
    if newer_than is not None:
        found = list(ids.filter(citizen_id__gt=newer_than).order_by("citizen_id")[: PER_PAGE + 1])
        shown, is_more = found[:PER_PAGE][::-1], len(found) > PER_PAGE
        return _page(office, shown, newer=is_more, older=True)
    if older_than is not None:
        ids = ids.filter(citizen_id__lt=older_than)
    found = list(ids.order_by("-citizen_id")[: PER_PAGE + 1])
    return _page(office, found[:PER_PAGE], newer=older_than is not None, older=len(found) > PER_PAGE)


def _page(office: Office, shown: Sequence[UUID], *, newer: bool, older: bool) -> Page:
    entries = [masked(citizen) for citizen in _in_order(office, shown)]
    return Page(entries, shown[0] if newer and shown else None, shown[-1] if older and shown else None)


def _in_order(office: Office, ids: Sequence[UUID]) -> list[Citizen]:
    return sorted(with_details(office).filter(pk__in=ids), key=lambda citizen: citizen.id, reverse=True)


def search_entries(*, official: Official, text: str, now: datetime) -> list[Registration]:
    """Return the office's entries of that name, telephone, receipt number or paper form, masked, MOST_FOUND at most.
    The trail has how many were found, never what was typed."""
    found = _in_order(official.office, _ids_of(official.office, text)[:MOST_FOUND])
    record_audit(
        now=now,
        actor=f"official:{official.id}",
        action="registrations.searched",
        object=f"office:{official.office.code} people:{len(found)}",
    )
    return [masked(citizen) for citizen in found]


def _ids_of(office: Office, text: str) -> list[UUID]:
    found = set(papers_of(office).filter(paper_form=text).values_list("citizen_id", flat=True)[:MOST_FOUND])
    if PHONE.fullmatch(text):
        found |= _by_phone(office, text)
    else:
        if RECEIPT.fullmatch(text):
            found |= _by_receipt(office, text)
        found |= _by_name(office, text)
    return sorted(found, reverse=True)


def _by_phone(office: Office, text: str) -> set[UUID]:
    """Return the people whose paper has that number: one that a person set on the web does not show here."""
    try:
        phone = parse_mobile(text)
    except NotAMobile:
        return set()
    holders = Contact.objects.filter(kind=Contact.PHONE, value_hash=phone_index(phone)).values("citizen")
    people = with_details(office).filter(pk__in=holders)[:MOST_FOUND]
    return {each.id for each in people if (paper := paper_of(each)) is not None and paper.phone == phone}


def _by_name(office: Office, text: str) -> set[UUID]:
    people = with_details(office).filter(name_hash__in=name_indexes(text))[:MOST_FOUND]
    key = name_key(text)
    return {each.id for each in people if (paper := paper_of(each)) is not None and name_key(paper.name) == key}


def _by_receipt(office: Office, text: str) -> set[UUID]:
    """Return the office's people of that number; one that is not noted yet is made from the id of each and compared."""
    own = registered_by_office(office).order_by()
    found = set(own.filter(pk__in=holders_of(text)).values_list("pk", flat=True))
    return found or {each for each in own.values_list("pk", flat=True) if stored(receipt_of(each)) == stored(text)}
