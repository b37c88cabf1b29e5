"""Change over the keys of an agency: the new one is valid at once, the old one until a day, each on the trail."""

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from notifications.alarms import clear_by_itself, raise_alarm
from notifications.models import AgencyKey
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.http.standard_webhooks import new_secret

OVERLAP_DAYS, MOST_OVERLAP_DAYS = 30, 90
SOON, IN_USE = timedelta(days=7), timedelta(days=2)
ALARM = "agency_key_ends"
_NUMBERED = re.compile(r"(.*?)(?:-([0-9]{1,6}))?")
KEY_ID_LENGTH = 40


class NotReplaceable(Exception):
    """The key is revoked, has ended, or is replaced already."""


@transaction.atomic
def replace_key(*, key: AgencyKey, overlap_days: int, actor: str, reason: str, now: datetime) -> AgencyKey:
    """Return a new key of the same feed, valid at once; the old one ends after the overlap. Raises NotReplaceable."""
    old = AgencyKey.objects.select_for_update(of=("self",)).select_related("feed").get(pk=key.pk)
    if old.revoked_at is not None or old.ends_at is not None:
        raise NotReplaceable
    new = AgencyKey(feed=old.feed, key_id=_next_id(old.key_id))
    new.secret = new_secret()
    new.save()
    old.ends_at = now + timedelta(days=min(max(overlap_days, 0), MOST_OVERLAP_DAYS))
    old.save(update_fields=["ends_at"])
    _record(new, "agency key made", f"in place of {old.key_id}: {reason}", actor, now)
    _record(old, "agency key replaced", f"valid until {old.ends_at:%Y-%m-%dT%H:%MZ}: {reason}", actor, now)
    return new


@transaction.atomic
def revoke_key(*, key: AgencyKey, actor: str, reason: str, now: datetime) -> bool:
    """End a key at once; False where it was revoked before."""
    revoked = AgencyKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now)
    if revoked:
        _record(key, "agency key revoked", reason, actor, now)
    return bool(revoked)


def watch_keys(*, now: datetime) -> None:
    """Raise an alarm for each key that ends soon and is still in use: the agency has not changed over."""
    ending = AgencyKey.objects.filter(
        Q(last_used_at__gt=now - IN_USE), revoked_at=None, ends_at__gt=now, ends_at__lt=now + SOON
    )
    for key in ending:
        days = (key.ends_at - now).days if key.ends_at else 0
        message = f"{key.key_id} ends in {days} days and is still used: ask the agency to sign with its new key"
        raise_alarm(kind=ALARM, subject=key.key_id, message=message, now=now)
    clear_by_itself(kind=ALARM, but=[key.key_id for key in ending], now=now)


def _next_id(key_id: str) -> str:
    """Return the first free id with the next number: knpa, knpa-2, knpa-3."""
    found = _NUMBERED.fullmatch(key_id)
    name, number = (found[1], int(found[2] or 1)) if found else (key_id, 1)
    while True:
        number += 1
        ending = f"-{number}"
        wanted = name[: KEY_ID_LENGTH - len(ending)] + ending
        if not AgencyKey.objects.filter(key_id=wanted).exists():
            return wanted


def _record(key: AgencyKey, action: str, reason: str, actor: str, now: datetime) -> None:
    record_audit(now=now, actor=actor, action=action, object=f"agency_key:{key.key_id}", reason=reason)
