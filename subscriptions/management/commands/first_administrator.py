"""Create the account that makes all others, with a second factor: manage.py first_administrator NAME."""

import secrets
from getpass import getpass
from io import StringIO
from typing import Any

import segno
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.time.clock import now

PASSWORD_BYTES = 18  # 24 characters
SURROUND = 2  # modules of quiet zone, so that a phone finds the code on a dark terminal


class Command(BaseCommand):
    help = "Create the first administrator (accounts and roles), with a second factor that is shown once, here."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the user name")
        parser.add_argument(
            "--ask", action="store_true", help="type the password on the terminal; otherwise one is generated"
        )

    def handle(self, *args: Any, name: str, ask: bool, **options: Any) -> None:
        password = _typed(name) if ask else secrets.token_urlsafe(PASSWORD_BYTES)
        device = make_first_administrator(name=name, password=password)
        self.stdout.write(f"User name   {name}")
        if not ask:
            self.stdout.write(f"Password    {password}")
        self.stdout.write(f"Second factor, for an authenticator app; shown only once:\n{device.config_url}\n")
        drawn = StringIO()
        segno.make(device.config_url, error="m").terminal(out=drawn, border=SURROUND, compact=True)
        self.stdout.write(drawn.getvalue())
        self.stdout.write("Sign in at /admin/, change the password there, and give others their accounts and roles.")


@transaction.atomic
def make_first_administrator(*, name: str, password: str) -> TOTPDevice:
    """Return a superuser with a confirmed device. An existing one without a device gets a new password and a device.

    Raises CommandError where an administrator with a second factor exists, or another account has that name.
    """
    if TOTPDevice.objects.filter(confirmed=True, user__is_superuser=True, user__is_active=True).exists():
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
    device = TOTPDevice.objects.create(user=user, name="first")
    actor = "system:first_administrator"
    record_audit(now=now(), actor=actor, action="first administrator made", object=f"user:{user.pk}")
    return device


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
