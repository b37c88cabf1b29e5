"""Issue, hand over and check sign-in codes: six digits, three minutes, five tries, once.

Every number is treated alike: the same statements run and the same row is written for one that is not enrolled. What
differs (is a message sent?) happens in a worker, after the page was answered.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from secretary.kernel.persons.blind_index import phone_index
from subscriptions.events import announce_code_asked
from subscriptions.identity.contract import IdentityRefused
from subscriptions.models import Citizen, Contact, PhoneCode
from subscriptions.models.phone_code import code_hash

DIGITS = 6
MOST_AT_ONCE = 200  # codes that one run of the worker hands over
FAILED_EVERYWHERE = "all_channels_failed"  # of Unreached: the number may be on its way to another owner


@dataclass(frozen=True, slots=True)
class CodeMessage:
    """A text message with a code. `reference`: unique, for the gateway."""

    reference: str
    phone: str  # E.164
    text: str


def issue(phone: str, *, replaces: str, language: str, now: datetime) -> str:
    """Ask for a code to this number; return its mark. `replaces`: the mark of the code before, or "".

    A worker sends it, where the number is one that an enrolled person has proved and no other has taken over since.
    """
    mark = secrets.token_hex(16)
    with transaction.atomic():
        PhoneCode.objects.filter(mark=replaces, used_at=None).update(used_at=now)
        row = PhoneCode(mark=mark, citizen=_owner(phone, now), language=language, asked_at=now)
        row.hold(phone, f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}")
        row.save()
        announce_code_asked()
    return mark


@transaction.atomic
def use(mark: str, code: str, phone: str, *, now: datetime) -> Citizen | None:
    """Return the person whom this code signs in, and use it up; None for a wrong one, which is counted.

    `phone`: the number that the code was asked for. Raises IdentityRefused ("expired", "used_up").
    """
    row = PhoneCode.objects.select_for_update(of=("self",)).filter(mark=mark).first()
    if row is None or row.used_at is not None or row.tries >= settings.IDENTITY_CODE_TRIES:
        raise IdentityRefused("used_up")
    if now - row.asked_at > timedelta(seconds=settings.IDENTITY_CODE_SECONDS):
        raise IdentityRefused("expired")
    owner = _owner(phone, now)  # the number may have been taken over since
    is_right = hmac.compare_digest(bytes(row.code_hash), code_hash(mark, code))
    if not is_right or owner is None or owner.pk != row.citizen_id:
        row.tries += 1
        row.save(update_fields=["tries"])
        return None
    row.used_at = now
    row.save(update_fields=["used_at"])
    return owner


def take_waiting(*, now: datetime) -> list[CodeMessage]:
    """Return the messages to send now, and clear number and code from their rows: each is sent once at most.

    A code whose time is nearly over is not sent any more: the person has asked for another one by then.
    """
    with transaction.atomic():
        waiting = PhoneCode.objects.select_for_update(skip_locked=True).filter(handed_at=None).order_by("id")
        rows = list(waiting[:MOST_AT_ONCE])
        half = timedelta(seconds=settings.IDENTITY_CODE_SECONDS / 2)
        found = [_message(row) for row in rows if row.citizen_id and not row.used_at and now - row.asked_at < half]
        PhoneCode.objects.filter(pk__in=[row.pk for row in rows]).update(
            handed_at=now, phone_encrypted=None, code_encrypted=None
        )
    return found


def _owner(phone: str, now: datetime) -> Citizen | None:
    """Return the one person who has proved this number, not too long ago, and whose contact is not suspended."""
    proved_since = now - timedelta(days=settings.PHONE_CODE_PROVED_DAYS)
    held = list(
        Contact.objects.filter(
            kind=Contact.PHONE,
            value_hash=phone_index(phone),
            suspended_at=None,
            verified_at__gt=proved_since,
            citizen__state=Citizen.ACTIVE,
        )
        .exclude(citizen__unreached__reason=FAILED_EVERYWHERE)
        .select_related("citizen")[:2]
    )
    return held[0].citizen if len(held) == 1 else None


def _message(row: PhoneCode) -> CodeMessage:
    phone, code = row.held()
    with translation.override(row.language):
        text = gettext("[Public Secretary] Sign-in code %(code)s, valid for 3 minutes. Do not share it.")
    return CodeMessage(f"code-{row.mark[:24]}", phone, text % {"code": code})
