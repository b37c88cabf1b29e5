"""Link the Toss app to a person, and end the link: here, or in the Toss app.

A signed-in person gets a code for some minutes, once. A log-in to the mini-app with that code is only linked
where Toss says that they are this same person (CI): neither a stolen code nor one that was slipped to another helps.
"""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.retry import retried
from secretary.kernel.persons.blind_index import blind_index, ci_index
from subscriptions.enrolment.choices import set_channels, set_contact
from subscriptions.enrolment.look_again import note_reach
from subscriptions.enrolment.people import lock_keys, lock_people_of, lock_person
from subscriptions.enrolment.sign_up import ACTOR
from subscriptions.identity.toss_login import TossUser
from subscriptions.models import ChannelChoice, Citizen, CitizenKey, Contact, TossLink

TOSS = "toss"
ALPHABET, LENGTH = "ABCDEFGHJKMNPQRSTVWXYZ23456789", 8  # no I, L, O, U, 0, 1: it may be typed on another device


class NotProved(ValueError):
    """The person has not signed up themselves (no CI), so that a user of Toss cannot be compared with them."""


class LastChannel(ValueError):
    """Toss is the person's only channel."""


class Code(NamedTuple):
    """What is typed into the mini-app, as "K7MPTQX9", and until when."""

    text: str
    expires_at: datetime


@retried
@transaction.atomic
def start_link(*, citizen_id: UUID, now: datetime) -> Code:
    """Wait for the person's login in the mini-app; an earlier code is no longer valid. Raises NotProved, Busy."""
    lock_person(citizen_id)
    if not CitizenKey.objects.filter(citizen=citizen_id, kind=CitizenKey.CI).exists():
        raise NotProved
    code = Code(
        "".join(secrets.choice(ALPHABET) for _ in range(LENGTH)),
        now + timedelta(minutes=settings.TOSS_LINK_MINUTES),
    )
    TossLink.objects.update_or_create(
        citizen_id=citizen_id,
        defaults={
            "code_hash": _code_hash(code.text),
            "state": TossLink.WAITING,
            "started_at": now,
            "expires_at": code.expires_at,
        },
    )
    record_audit(now=now, actor=ACTOR, action="toss.link_started", citizen_id=citizen_id)
    return code


def waiting_link(code: str, *, now: datetime) -> TossLink | None:
    """Return whose code this is, in any usual writing; None: unknown, used or expired."""
    link = TossLink.objects.filter(code_hash=_code_hash(code), state=TossLink.WAITING).first()
    return link if link is not None and now < link.expires_at else None


@retried
@transaction.atomic
def finish_link(*, link: TossLink, user: TossUser | None, now: datetime) -> str:
    """Link the user of Toss with the person who waits; None: Toss has refused them. Returns the link's new state, "":
    it was used meanwhile. The code is used up in any case. Raises Busy."""
    key_hash = blind_index(Contact.TOSS_USER_KEY, user.key) if user else b""
    lock_keys([key_hash] if user else [])
    holders = Contact.objects.filter(kind=Contact.TOSS_USER_KEY, value_hash=key_hash).exclude(citizen=link.citizen_id)
    former = list(holders.values_list("citizen", flat=True)) if user else []
    lock_people_of([], people=[link.citizen_id, *former])
    state = _outcome(link.citizen_id, user)
    waiting = TossLink.objects.filter(pk=link.pk, code_hash=link.code_hash, state=TossLink.WAITING)
    if not waiting.update(state=state):
        return ""
    if state == TossLink.LINKED and user is not None:
        for citizen_id in former:
            _end_link(citizen_id, actor="system", now=now)
        citizen = Citizen.objects.get(pk=link.citizen_id)
        set_contact(citizen, Contact.TOSS_USER_KEY, user.key, verified_at=now)
    action = {
        TossLink.LINKED: "toss.linked",
        TossLink.ANOTHER_PERSON: "toss.another",
        TossLink.REFUSED: "toss.refused",
    }[state]
    record_audit(now=now, actor=ACTOR, action=action, citizen_id=link.citizen_id)
    return state


@retried
@transaction.atomic
def unlink(*, citizen_id: UUID, actor: str, now: datetime) -> str:
    """End the person's link; return the user's key, by which Toss can be told, "": there was none. Nothing more is sent
    by Toss. Raises LastChannel, Busy."""
    lock_person(citizen_id)
    if list(ChannelChoice.objects.filter(citizen=citizen_id).values_list("channel", flat=True)) == [TOSS]:
        raise LastChannel
    linked = Contact.objects.filter(citizen=citizen_id, kind=Contact.TOSS_USER_KEY).first()
    return linked.value if linked is not None and _end_link(citizen_id, actor=actor, now=now) else ""


def note_reported(*, citizen_id: UUID, reported: bool, now: datetime) -> None:
    """Record whether Toss has ended the connection on its side too."""
    record_audit(now=now, actor="system", action="toss.told" if reported else "toss.not_told", citizen_id=citizen_id)


def unlink_user(*, user_key: str, now: datetime) -> None:
    """End the link of this user of Toss, who has ended it in the app: also where it is their only channel. Raises
    Busy."""
    key_hash = blind_index(Contact.TOSS_USER_KEY, user_key)
    linked = Contact.objects.filter(kind=Contact.TOSS_USER_KEY, value_hash=key_hash)
    for citizen_id in linked.values_list("citizen", flat=True):
        _unlink_by_toss(citizen_id, now)


@retried
@transaction.atomic
def _unlink_by_toss(citizen_id: UUID, now: datetime) -> None:
    lock_person(citizen_id)
    _end_link(citizen_id, actor=TOSS, now=now)


def _outcome(citizen_id: UUID, user: TossUser | None) -> str:
    if user is None:
        return TossLink.REFUSED
    own = CitizenKey.objects.filter(citizen=citizen_id, kind=CitizenKey.CI, key_hash=ci_index(user.ci))
    return TossLink.LINKED if own.exists() else TossLink.ANOTHER_PERSON


def _end_link(citizen_id: UUID, *, actor: str, now: datetime) -> bool:
    """Delete the person's user key and take Toss out of their order; as the only channel it
    stays, and no notice can be delivered."""
    deleted, _rows = Contact.objects.filter(citizen=citizen_id, kind=Contact.TOSS_USER_KEY).delete()
    if not deleted:
        return False
    TossLink.objects.filter(citizen=citizen_id).delete()
    chosen = ChannelChoice.objects.filter(citizen=citizen_id).order_by("position")
    others = [channel for channel in chosen.values_list("channel", flat=True) if channel != TOSS]
    if others:
        set_channels(Citizen.objects.get(pk=citizen_id), others)
    note_reach([citizen_id], now=now)
    record_audit(now=now, actor=actor, action="toss.unlinked", citizen_id=citizen_id)
    return True


def _code_hash(code: str) -> bytes:
    plain = "".join(each for each in code.upper() if each in ALPHABET)
    return blind_index("toss_link", plain)
