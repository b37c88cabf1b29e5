"""Force the owner of an account to choose a password in place of one that others have given them."""

from typing import Any

from django.contrib.auth.models import User

from secretary.kernel.audit.audit import current_account, current_actor
from secretary.kernel.time.clock import now
from subscriptions.models import GivenPassword

COMMANDS = ("system:createsuperuser", "system:changepassword")  # first_administrator says so itself


def note(user: User) -> None:
    """Note a new password, where another account or a command has set it."""
    by = current_account()
    if (by is not None and by != user.pk) or current_actor() in COMMANDS:
        give(user)


def give(user: User) -> None:
    GivenPassword.objects.update_or_create(user=user, defaults={"since": now()})


def is_given(user: Any) -> bool:
    """Return whether the owner has yet to choose a password."""
    return GivenPassword.objects.filter(user=user.pk).exists()


def chosen(user: User) -> None:
    """Note that the owner has chosen the password that the account has now."""
    GivenPassword.objects.filter(user=user.pk).delete()
