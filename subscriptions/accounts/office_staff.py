"""Let an office manager decide who works at her office: invite officials, and switch their access off and on.

She makes accounts that can do nothing but work at her own office. The invited official alone chooses the password.
"""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.persons.blind_index import blind_index
from subscriptions.accounts.given_passwords import chosen
from subscriptions.accounts.second_factor import CODE_LENGTH, GROUP, SIGNS, cleaned
from subscriptions.models import Invitation, Official, StaffSession


class NameTaken(ValueError):
    """There is an account of that name."""


class NotInvited(ValueError):
    """No invitation of this name and code is open."""


@transaction.atomic
def invite(*, manager: Official, username: str, now: datetime) -> tuple[Official, str]:
    """Make an account of an official of the manager's office; return it with its invitation code. Raises NameTaken."""
    if User.objects.filter(username__iexact=username).exists():
        raise NameTaken
    user = User(username=username)
    user.set_unusable_password()
    user.save()
    official = Official.objects.create(user=user, office=manager.office)
    return official, renew_invitation(manager=manager, official=official, now=now)


@transaction.atomic
def renew_invitation(*, manager: Official, official: Official, now: datetime) -> str:
    """Return a new invitation code of an official who has not chosen a password yet; an earlier one ends."""
    code = "".join(secrets.choice(SIGNS) for _sign in range(CODE_LENGTH))
    open_until = now + timedelta(days=settings.STAFF_ENROL_DAYS)
    fresh = {"code_hash": _hash(official.user, code), "expires_at": open_until}
    Invitation.objects.update_or_create(user=official.user, defaults=fresh)
    record_audit(now=now, actor=f"official:{manager.pk}", action="official invited", object=f"official:{official.pk}")
    return f"{code[:GROUP]}-{code[GROUP:]}"


def is_invited(official: Official) -> bool:
    """Return whether the official has not chosen a password yet."""
    return not official.user.has_usable_password()


@transaction.atomic
def accept(*, username: str, code: str, password: str, now: datetime) -> User:
    """Set the password that an invited official has chosen; the invitation is used up. Raises NotInvited."""
    found = Invitation.objects.select_for_update().select_related("user").filter(user__username=username).first()
    if found is None or not found.is_valid(now) or not found.user.is_active:
        raise NotInvited
    if not secrets.compare_digest(bytes(found.code_hash), _hash(found.user, cleaned(code))):
        raise NotInvited
    user: User = found.user
    user.set_password(password)
    user.save(update_fields=["password"])
    chosen(user)
    found.delete()
    record_audit(now=now, actor=f"official:{user.official.pk}", action="invitation accepted", object=f"user:{user.pk}")
    return user


@transaction.atomic
def set_active(*, manager: Official, official: Official, active: bool, reason: str, now: datetime) -> None:
    """Switch the access of an official of the manager's office off or on; switched off, it ends at once."""
    official.active = active
    official.save(update_fields=["active"])
    if not active:
        StaffSession.objects.filter(user=official.user_id).delete()
    action = "official switched on" if active else "official switched off"
    place = f"official:{official.pk}"
    record_audit(now=now, actor=f"official:{manager.pk}", action=action, object=place, reason=reason)


def _hash(user: User, code: str) -> bytes:
    return blind_index("invitation", f"{user.pk}:{code}")
