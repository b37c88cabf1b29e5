"""Show a senior, or the office that keeps their paper, whom they named and what came of it, with the number masked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from secretary.kernel.database.kept_queries import KeptQuery
from secretary.kernel.korean.korean import masked_phone
from subscriptions.models import FamilyMember, FamilyText
from subscriptions.models.family.family_member import STATES
from subscriptions.models.family.family_text import KINDS, NEWS
from subscriptions.models.family.family_text import STATES as TEXT_STATES


@dataclass(frozen=True, slots=True)
class SentText:
    at: datetime  # when it was sent, or noted where it was not
    kind: Any
    outcome: Any


@dataclass(frozen=True, slots=True)
class Family:
    """The newest family member. `sent`: the messages to them, the newest first."""

    name: str
    phone: str
    state: Any
    is_live: bool
    named_at: datetime
    sent: tuple[SentText, ...]


NEWEST = KeptQuery(lambda citizen: FamilyMember.objects.filter(citizen=citizen).order_by("-id")[:1])


def family_of(citizen_id: UUID) -> Family | None:
    """Return the family member as shown; None where the senior has named none, or it ended some days ago."""
    return shown_family(NEWEST.rows(citizen=citizen_id))


def shown_family(newest: Sequence[FamilyMember]) -> Family | None:
    """Return the same of the row of NEWEST, or of none."""
    if not newest:
        return None
    [member] = newest
    return Family(
        name=member.name,
        phone=masked_phone(member.phone),
        state=STATES[member.state],
        is_live=member.is_live,
        named_at=member.named_at,
        sent=tuple(_sent(text) for text in member.texts.order_by("-id")),
    )


def news_about(people: Collection[UUID], notices: Collection[int]) -> dict[int, SentText]:
    """Return the message about each of these cases, by the number of its notice."""
    found = FamilyText.objects.filter(member__citizen__in=people, kind=NEWS, notice_id__in=notices).order_by("id")
    return {text.notice_id: _sent(text) for text in found if text.notice_id is not None}


def _sent(text: FamilyText) -> SentText:
    return SentText(text.sent_at or text.created_at, KINDS[text.kind], TEXT_STATES[text.state])
