"""Create the account that makes all others: manage.py first_administrator NAME."""

import secrets
from getpass import getpass
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.time.clock import now
from subscriptions.accounts.given_passwords import give
from subscriptions.models import Authenticator

PASSWORD_BYTES = 18  # 24 characters


class Command(BaseCommand):
    help = "Create the first administrator (accounts and roles). The second factor is set up at the first sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the user name")
        parser.add_argument(
            "--ask", action="store_true", help="type the password on the terminal; otherwise one is generated"
        )

    def handle(self, *args: Any, name: str, ask: bool, **options: Any) -> None:
        password = _typed(name) if ask else secrets.token_urlsafe(PASSWORD_BYTES)
        make_first_administrator(name=name, password=password)
        self.stdout.write(f"User name   {name}")
        if not ask:
            self.stdout.write(f"Password    {password}")
        self.stdout.write("Sign in at /admin/ now: the first sign-in sets up the second factor of this account.")
        self.stdout.write("Choose your own password there, as it asks; then give others their accounts and roles.")


@transaction.atomic
def make_first_administrator(*, name: str, password: str) -> None:
    """Make a superuser. An existing one without a second factor gets a new password, and time to set one up.

    Raises CommandError where an administrator with a second factor exists, or another account has that name.
    """
    if Authenticator.objects.filter(user__is_superuser=True, user__is_active=True).exists():
        raise CommandError("There is an administrator with a second factor already: accounts are made in the admin.")
    user = User.objects.select_for_update().filter(username=name).first()
    if user is not None and not user.is_superuser:
        raise CommandError(f"There is an account {name!r} that is not an administrator: choose another name.")
    user = user or User(username=name)
    user.is_active = user.is_staff = user.is_superuser = True
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as bad:
        raise CommandError("; ".join(bad.messages)) from bad
    user.set_password(password)
    user.save()
    give(user)
    actor = "system:first_administrator"
    record_audit(now=now(), actor=actor, action="first administrator made", object=f"user:{user.pk}")


def _typed(name: str) -> str:
    """Read a password twice; both must agree and be valid. Raises CommandError."""
    password = getpass("Password: ")
    if password != getpass("Once more: "):
        raise CommandError("The two passwords differ.")
    try:
        validate_password(password, User(username=name))
    except ValidationError as bad:
        raise CommandError(" ".join(bad.messages)) from bad
    return password
