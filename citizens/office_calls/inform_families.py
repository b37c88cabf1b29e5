"""Let family members know that there is something to ask about: once a case, while the senior is on the call list.

A case is the notice for which the senior is on the list. Where they come off it meanwhile (reached, called, withdrawn),
what waits is dropped.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from citizens.office_calls.call_list import WITHIN, to_call
from notifications.family.send_family_texts import is_day
from notifications.models.reach import NOT_REACHED
from secretary.kernel.database.retry import retried
from secretary.kernel.database.sql import read_sql
from subscriptions.enrolment.consent_texts import OFFICE_CALL
from subscriptions.enrolment.family.answer import expire_questions
from subscriptions.enrolment.people import lock_keys, lock_person
from subscriptions.models import Consent, FamilyMember, FamilyText, Office
from subscriptions.models.family.family_member import AGREED
from subscriptions.models.family.family_text import DROPPED, NEWS, SENT, WAITING

DUE = read_sql("citizens", "family_due", not_reached=NOT_REACHED)
AT_ONCE = 500


def note_due(*, now: datetime) -> int:
    """End questions without an answer, and note whom to inform, by day; return how many messages were noted."""
    expire_questions(now=now)
    _drop_what_is_over(now)
    if not is_day(now):
        return 0
    noted, after = 0, 0
    while rows := _due(after=after, now=now):
        noted += sum(_note(member, citizen, office, now) for member, citizen, office in rows)
        after = rows[-1][0]
    return noted


def _due(*, after: int, now: datetime) -> list[tuple[int, UUID, int]]:
    values: dict[str, Any] = {
        "after": after,
        "made_after": now - WITHIN,
        "made_by": now - timedelta(days=settings.CALL_LIST_DAYS),
        "most": AT_ONCE,
    }
    with connection.cursor() as cursor:
        cursor.execute(DUE, values)
        return list(cursor.fetchall())


@retried
@transaction.atomic
def _note(member_id: int, citizen_id: UUID, office_id: int, now: datetime) -> bool:
    """Note one message, unless the senior is not on the list or the number had enough of them."""
    member = FamilyMember.objects.filter(pk=member_id, citizen=citizen_id, state=AGREED).first()
    if member is None:
        return False
    lock_keys([bytes(member.phone_hash)])
    lock_person(citizen_id)
    person = to_call(office=Office.objects.get(pk=office_id), citizen_id=citizen_id, now=now)
    if person is None or _had_enough(member, now):
        return False
    _, is_new = FamilyText.objects.get_or_create(
        member=member, notice_id=person.notice_id, defaults={"kind": NEWS, "created_at": now, "not_before": now}
    )
    return is_new


def _had_enough(member: FamilyMember, now: datetime) -> bool:
    """Return whether this number was sent as much as it may get in a day or in thirty days, about all its seniors."""
    sent = FamilyText.objects.filter(member__phone_hash=member.phone_hash, kind=NEWS, state__in=(*SENT, WAITING))
    today, month = (sent.filter(created_at__gt=now - timedelta(days=days)).count() for days in (1, 30))
    return today >= settings.FAMILY_TEXTS_PER_DAY or month >= settings.FAMILY_TEXTS_PER_MONTH


def _drop_what_is_over(now: datetime) -> None:
    """Drop what waits, since the night or for the gateway, about seniors who are not on the list any more."""
    for text in FamilyText.objects.filter(state=WAITING, kind=NEWS).select_related("member"):
        if not _is_listed(text.member.citizen_id, now):
            FamilyText.objects.filter(pk=text.pk, state=WAITING).update(state=DROPPED)


def _is_listed(citizen_id: UUID, now: datetime) -> bool:
    calls = Consent.objects.filter(citizen=citizen_id, text__code=OFFICE_CALL, withdrawn_at=None, office__isnull=False)
    offices = Office.objects.filter(pk__in=calls.values("office"))
    return any(to_call(office=office, citizen_id=citizen_id, now=now) for office in offices)
