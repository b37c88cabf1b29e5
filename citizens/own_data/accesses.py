"""List each access of staff to a person's data, by the audit trail.

The trail keeps account, time, person concerned and what was done (개인정보의 안전성 확보조치 기준 §8①). The person
learns role and office, and no name: 개인정보 보호법 §35 and 시행령 §41 give a right to the data, their purpose and to
which third parties they went, not to the names of the staff who handle them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from secretary.kernel.audit.action_words import action_words
from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.models import AuditEvent
from subscriptions.models import Official

AT_ONCE = 500
BY_STAFF = Q(actor__startswith="staff:") | Q(actor__startswith="official:")

WORDS: Final[Mapping[str, Any]] = {
    "looked at": gettext_lazy("Looked at your entry; names and numbers were masked"),
    "looked at history": gettext_lazy("Looked at the history of your entry"),
    "revealed": gettext_lazy("Had your personal data shown in clear"),
    "found": gettext_lazy("Found you in a search; names and numbers were masked"),
    "citizen.registered": gettext_lazy("Registered you from your paper form"),
    "citizen.merged": gettext_lazy("Merged two entries of yours"),
    "registration.revealed": gettext_lazy("Had your paper form shown in clear"),
    "registration.corrected": gettext_lazy("Corrected your registration"),
    "registration.refused": gettext_lazy("Tried to open your registration; refused"),
    "registration.warned": gettext_lazy("Was warned that you are registered already"),
    "registration.kept_apart": gettext_lazy("Confirmed that another person's form is not yours"),
    "consent.withdrawn": gettext_lazy("Withdrew your consent as you asked"),
    "notices.tried_again": gettext_lazy("Had notices sent to you again"),
    "call.looked_up": gettext_lazy("Looked up a number that a caller read out, which led to you"),
    "call.looked_at": gettext_lazy(
        "Looked at what came of your notices, for a caller with your number; your name was masked"
    ),
    "call.identity_right": gettext_lazy("Asked a caller for your birth date and number; the answers were right"),
    "call.identity_wrong": gettext_lazy("Asked a caller for your birth date and number; the answers were wrong"),
    "office_call.recorded": gettext_lazy("Recorded a call to you about a notice that had not reached you"),
    "family.named": gettext_lazy("Recorded the family member whom you named"),
    "family.withdrawn": gettext_lazy("Withdrew your consent to a family member as you asked"),
    "family.ended": gettext_lazy("Ended the messages to your family member"),
    "family.not_wanted": gettext_lazy("Recorded on the telephone that your family member wants no messages"),
    "audit.read": gettext_lazy("Read the record of who looked at your data"),
    "audit.exported": gettext_lazy("Exported the record of who looked at your data, as a file"),
    "notice.sent_another_way": gettext_lazy("Had a notice sent to you by another of your channels"),
}


@dataclass(frozen=True, slots=True)
class Access:
    """One line of the trail about the person. `who`: an office, or the roles of an administrator's account."""

    id: int
    at: datetime
    who: str
    action: str
    words: str
    object: str
    reason: str


def _newest(most: int, citizen: UUID, before: int) -> QuerySet[AuditEvent]:
    return _events(citizen).filter(id__lt=before).order_by("-id")[:most]


NEWEST, MAX_ID = KeptQuery(_newest), 2**63 - 1


def accesses_page(citizen_id: UUID, *, before: int | None, size: int) -> tuple[list[Access], int | None]:
    """Return the newest accesses with a smaller id than `before`, and the key of the next page; None: the last one."""
    found = NEWEST.rows(size + 1, citizen=citizen_id, before=MAX_ID if before is None else before)
    return _described(found[:size]), found[size - 1].pk if len(found) > size else None


def every_access(citizen_id: UUID) -> Iterator[Access]:
    """Return all of them, the earliest first."""
    after = 0
    while chunk := list(_events(citizen_id).filter(id__gt=after).order_by("id")[:AT_ONCE]):
        yield from _described(chunk)
        after = chunk[-1].pk


def access_words(action: str) -> str:
    """Return what was done, in the language of the page: to the person, or as auditors read it."""
    words = WORDS.get(action)
    return action_words(action) if words is None else str(words)


def _events(citizen_id: UUID) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(BY_STAFF, citizen_id=citizen_id)


def _described(events: Sequence[AuditEvent]) -> list[Access]:
    offices, roles = _offices(events), _roles(events)
    return [
        Access(
            event.pk,
            event.at,
            _who(event.actor, offices, roles),
            event.action,
            access_words(event.action),
            event.object,
            event.reason,
        )
        for event in events
    ]


def _who(actor: str, offices: Mapping[str, str], roles: Mapping[str, list[str]]) -> str:
    kind, number = actor.split(":", 1)
    if kind == "official":
        return _("Official of %s") % offices[number] if number in offices else _("Official")
    return ", ".join(roles.get(number, [])) or _("Administrator")


def _numbers(events: Sequence[AuditEvent], kind: str) -> set[str]:
    return {event.actor.split(":", 1)[1] for event in events if event.actor.startswith(f"{kind}:")}


OFFICES = KeptQuery(lambda numbers: Official.objects.filter(pk__in=numbers).values_list("pk", "office__name_ko"))
ROLES = KeptQuery(lambda numbers: Group.objects.filter(user__in=numbers).order_by("name").values_list("user", "name"))


def _offices(events: Sequence[AuditEvent]) -> dict[str, str]:
    numbers = [int(number) for number in _numbers(events, "official") if number.isdecimal()]
    return {str(number): office for number, office in OFFICES.rows(numbers=numbers)} if numbers else {}


def _roles(events: Sequence[AuditEvent]) -> dict[str, list[str]]:
    numbers = [int(number) for number in _numbers(events, "staff") if number.isdecimal()]
    roles: dict[str, list[str]] = {}
    for account, name in ROLES.rows(numbers=numbers) if numbers else ():
        roles.setdefault(str(account), []).append(name)
    return roles
