"""Decide whether an account counts as the second person, for everything that a second person approves.

An administrator who manages accounts could make a second account for themselves. So account managers approve nothing;
a new or changed account waits, while the trail shows it to others; and no work is approved by an account that its
author ever made or changed.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, User
from django.utils.translation import gettext as _

from subscriptions.models import AccountChange, Official

MANAGES_ACCOUNTS = (
    *(f"auth.{verb}_{model}" for model in ("user", "group", "permission") for verb in ("add", "change", "delete")),
    *(f"subscriptions.{verb}_authenticator" for verb in ("add", "change", "delete")),
    *(
        f"subscriptions.{verb}_{model}"
        for model in ("official", "office", "agencystaff")
        for verb in ("add", "change", "delete")
    ),
)


def manages_accounts(user: AbstractBaseUser) -> bool:
    """Return whether the account can change accounts, roles, second factors, officials or offices. Superusers and
    office managers can."""
    assert isinstance(user, User)
    held = user.get_all_permissions()
    if user.is_superuser or any(name in held for name in MANAGES_ACCOUNTS):
        return True
    return bool(Official.objects.filter(user=user, manager=True, active=True).exists())


def why_not_approve(*, by: AbstractBaseUser, authors: Iterable[int | None], now: datetime) -> str:
    """Return why this account may not approve work of `authors` (account ids); "" where it may."""
    wrote = {author for author in authors if author is not None}
    if by.pk in wrote:
        return _("You wrote or submitted this version. Another person must approve it.")
    if manages_accounts(by):
        return _("Your account manages accounts, offices or devices. Such an account cannot approve anything.")
    waiting = timedelta(hours=settings.APPROVER_WAIT_HOURS)
    if waiting and AccountChange.objects.filter(account=by.pk, at__gt=now - waiting).exists():
        return _(
            "Your account was created or changed within the last %(hours)d hours. Until then it cannot approve "
            "anything."
        ) % {"hours": settings.APPROVER_WAIT_HOURS}
    if wrote & hands_of(by.pk):
        return _("Your account was created or changed by an account that wrote this. Another person must approve it.")
    return ""


def hands_of(account: int) -> set[int]:
    """Return the accounts that made or changed this one, and recursively those that made or changed them."""
    found: set[int] = set()
    asked = {account}
    while asked:
        rows = AccountChange.objects.filter(account__in=asked, by_id__isnull=False)
        hands = {int(hand) for hand in rows.values_list("by_id", flat=True) if hand is not None}
        asked = hands - found - {account}
        found |= asked
    return found
