"""Give an account its authenticator and its recovery codes, and take both away when a device is lost.

The owner enrols, at the first sign-in: no other person ever sees the secret. An account without an authenticator opens
by its password alone until then; so that time is short (STAFF_ENROL_DAYS), and a reset by an account manager starts it.
"""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django_otp.plugins.otp_totp.models import TOTPDevice

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.persons.blind_index import blind_index
from subscriptions.accounts.account_changes import IN_PASSING
from subscriptions.models import AccountChange, Authenticator, RecoveryCode, StaffSession

SECRET_BYTES = 20  # as RFC 4226 recommends
CODES, GROUP = 10, 5
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O and U, which are misread
MISREAD = str.maketrans("ILO", "110", " -")
CODE_LENGTH = 2 * GROUP


class EnrolledAlready(RuntimeError):
    """Another session has set up the account's authenticator meanwhile."""


def authenticators_of(user: User) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=user, confirmed=True).order_by("pk"))


def has_authenticator(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, confirmed=True).exists())


def may_enrol(user: User, now: datetime) -> bool:
    """Return whether the password alone may still enrol: within STAFF_ENROL_DAYS of what another person did to the
    account last (made it, changed its password, reset its second factor)."""
    last = AccountChange.objects.filter(account=user).exclude(by_id=user.pk).aggregate(last=Max("at"))["last"]
    return last is not None and now - last < timedelta(days=settings.STAFF_ENROL_DAYS)


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


@transaction.atomic
def enrol(
    *, user: User, secret: bytes, actor: str, now: datetime, replacing: bool = False
) -> tuple[Authenticator, list[str]]:
    """Make this the only authenticator of the account; return it with new recovery codes. The owner has typed a code
    of it, and shows who they are by the password (first sign-in) or, `replacing` another, by password and code.
    Raises EnrolledAlready."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    former = authenticators_of(user)
    if former and not replacing:
        raise EnrolledAlready
    for each in former:
        setattr(each, IN_PASSING, True)
        each.delete()
    if not former:  # proved by the password alone: such an account waits before it approves
        AccountChange.objects.create(account=user, by_id=user.pk, what="second factor enrolled", at=now)
    TOTPDevice.objects.filter(user=user).delete()  # of the last release: the copy is replaced
    device = Authenticator(user=user, name="app")
    device.bin_key = secret
    setattr(device, IN_PASSING, True)
    device.save()
    record_audit(now=now, actor=actor, action="second factor enrolled", object=f"user:{user.pk}")
    return device, renew_codes(user=user, actor=actor, now=now)


@transaction.atomic
def renew_codes(*, user: User, actor: str, now: datetime) -> list[str]:
    """Replace the recovery codes; return the new ones, which are kept nowhere but as hashes."""
    codes = ["".join(secrets.choice(SIGNS) for _sign in range(CODE_LENGTH)) for _number in range(CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=_hash(user, code)) for code in codes)
    record_audit(now=now, actor=actor, action="recovery codes made", object=f"user:{user.pk}")
    return [f"{code[:GROUP]}-{code[GROUP:]}" for code in codes]


def use_code(*, user: User, code: str, now: datetime) -> bool:
    """Return whether this is a recovery code of the account that was not used yet, and use it up."""
    unused = RecoveryCode.objects.filter(user=user, code_hash=_hash(user, cleaned(code)), used_at=None)
    return bool(unused.update(used_at=now))


def codes_left(user: User) -> int:
    left: int = RecoveryCode.objects.filter(user=user, used_at=None).count()
    return left


def cleaned(code: str) -> str:
    """Return a typed recovery code as it was made: without blanks and dashes, with the signs that it has."""
    return code.upper().translate(MISREAD)


@transaction.atomic
def reset_second_factor(*, account: User, by: User, reason: str, now: datetime) -> None:
    """Take authenticator, recovery codes and session away from an account, whose owner enrols at the next sign-in."""
    for device in Authenticator.objects.filter(user=account):
        setattr(device, IN_PASSING, True)
        device.delete()
    TOTPDevice.objects.filter(user=account).delete()  # of the last release, whose sessions it has verified
    RecoveryCode.objects.filter(user=account).delete()
    StaffSession.objects.filter(user=account).delete()
    AccountChange.objects.create(account=account, by_id=by.pk, what="second factor reset", at=now)
    place = f"user:{account.pk}"
    record_audit(now=now, actor=f"staff:{by.pk}", action="second factor reset", object=place, reason=reason)


def _hash(user: User, code: str) -> bytes:
    return blind_index("recovery_code", f"{user.pk}:{code}")
