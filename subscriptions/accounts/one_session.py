"""Let each account work in one session: a new sign-in ends the one before, wherever that was."""

import secrets
from datetime import datetime

from django.contrib.auth.models import User

from subscriptions.models import StaffSession

MARK_BYTES = 16


def begin_session(user: User, now: datetime) -> str:
    """Return the mark of the account's only session from now on."""
    mark = secrets.token_hex(MARK_BYTES)
    StaffSession.objects.update_or_create(user=user, defaults={"mark": mark, "since": now})
    return mark


def is_current(account: int, mark: str) -> bool:
    """Return whether the session of this mark is the account's only one. A session without a mark, of the release
    before, goes on until the account signs in anew."""
    newest = StaffSession.objects.filter(user=account).values_list("mark", flat=True).first()
    return secrets.compare_digest(newest or "", mark)


def signed_in_since(account: int) -> datetime | None:
    """Return when the account's only session began; None where it has none."""
    since: datetime | None = StaffSession.objects.filter(user=account).values_list("since", flat=True).first()
    return since
