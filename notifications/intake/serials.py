"""Declare serial numbers of agencies that resemble resident numbers, so that a feed may bring them (ingest.py)."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from notifications.models import Feed, SerialPattern
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.kept_queries import KeptText
from subscriptions.accounts.approvers import why_not_approve

DIGIT = "#"
# Patterns that the agency of a feed has declared for numbers of its own.
SERIALS = KeptText(
    "SELECT pattern FROM notifications_serialpattern"
    " WHERE feed_id = %s AND confirmed_at IS NOT NULL AND ended_at IS NULL ORDER BY id",
    "feed",
)


class NotConfirmed(Exception):
    """This account may not confirm the pattern, or not any more; the message gives the administrator the reason."""


def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(re.escape(DIGIT), "[0-9]"))


def own_serials(feed: Feed, given: Sequence[str] | None) -> Callable[[str], bool]:
    """Return a check whether a number that resembles a resident number is one that the feed's agency has declared. Its
    patterns are `given`, or read at most once, and only where there is such a number."""

    @lru_cache(maxsize=1)
    def patterns() -> list[re.Pattern[str]]:
        found = [pattern for (pattern,) in SERIALS.rows(feed=feed.pk)] if given is None else given
        return list(map(compiled, found))

    return lambda number: any(pattern.fullmatch(number) for pattern in patterns())


def says_nothing(pattern: str) -> bool:
    """Return whether every resident number would fit the pattern: only arbitrary digits with signs between them."""
    return not re.search(r"[A-Za-z0-9]", pattern)


@transaction.atomic
def declare(*, row: SerialPattern, by: AbstractBaseUser, now: datetime) -> None:
    """Save a pattern that waits for its second administrator."""
    row.proposed_by_id, row.proposed_at = int(by.pk), now
    row.save()
    _record("serial pattern declared", row, by, now, "")


@transaction.atomic
def confirm(*, row_id: int, by: AbstractBaseUser, reason: str, now: datetime) -> None:
    """Confirm a pattern as the second administrator. Raises NotConfirmed."""
    row = SerialPattern.objects.select_for_update().get(pk=row_id)
    if row.confirmed_at is not None or row.ended_at is not None:
        raise NotConfirmed(_("This was already done."))
    if why_not := why_not_approve(by=by, authors=[row.proposed_by_id], now=now):
        raise NotConfirmed(why_not)
    row.confirmed_by_id, row.confirmed_at = int(by.pk), now
    row.save()
    _record("serial pattern confirmed", row, by, now, reason)


@transaction.atomic
def end(*, row_id: int, by: AbstractBaseUser, reason: str, now: datetime) -> None:
    """Withdraw a pattern: from the next page of records on, such numbers are refused again."""
    row = SerialPattern.objects.select_for_update().get(pk=row_id)
    if row.ended_at is None:
        row.ended_at = now
        row.save()
        _record("serial pattern ended", row, by, now, reason)


def _record(action: str, row: SerialPattern, by: AbstractBaseUser, now: datetime, reason: str) -> None:
    place = f"serial_pattern:{row.pk} feed:{row.feed.name} {row.pattern}"[:120]
    record_audit(now=now, actor=f"staff:{by.pk}", action=action, object=place, reason=reason)
