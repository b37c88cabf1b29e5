"""Keep offices and officials, changes of accounts, and what staff sign in with: authenticators, recovery codes,
invitations, and the one session of each account."""

import time
from base64 import b32encode
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from secretary.kernel.row_titles import row_title
from secretary.kernel.secrets.encryption import cipher

# An account sees one agency's side or ours, never both: who sends records must not read what others sent. The rows of
# the other side are read after the account's is locked, so that two transactions do not miss each other.
TWO_SIDES = _(
    "An account of the staff cannot be a person of an agency too. Please make an account of its own for the other work."
)
OF_AN_AGENCY = "SELECT 1 FROM subscriptions_agencystaff a WHERE a.user_id = NEW.user_id"
OF_THE_STAFF = """SELECT 1 FROM auth_user u WHERE u.id = NEW.user_id AND u.is_staff
    UNION ALL SELECT 1 FROM subscriptions_official o WHERE o.user_id = NEW.user_id"""


def no_two_sides(name: str, other_side: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"""
            PERFORM 1 FROM auth_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
            IF EXISTS ({other_side}) THEN
                RAISE EXCEPTION 'account % is of the staff and of an agency', NEW.user_id
                    USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME;
            END IF;
            RETURN NEW;
        """,
    )


STEP, DIGITS, TOLERANCE = 30, 6, 1  # seconds; digits; steps before and after the present one that count


@pghistory.track()
class Office(models.Model):
    """읍·면·동: a local office whose officials register people who cannot sign up on the web."""

    code = models.CharField(_("administrative code (행정동코드)"), max_length=10, unique=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=100)

    class Meta:
        ordering = ["code"]
        verbose_name, verbose_name_plural = _("office"), _("offices")

    def __str__(self) -> str:
        return self.name_ko


@pghistory.track()
class Official(models.Model):
    """A public official of one office, with an account of their own.

    `manager`: the office manager, who decides who works at the office, sees what is done there and registers no senior.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="official", verbose_name=_("account")
    )
    office = models.ForeignKey(Office, models.PROTECT, related_name="officials", verbose_name=_("office"))
    active = models.BooleanField(_("active"), default=True)
    manager = models.BooleanField(_("office manager"), default=False, db_default=False)

    class Meta:
        verbose_name, verbose_name_plural = _("official"), _("officials")
        triggers = [no_two_sides("official_no_agency_person", OF_AN_AGENCY)]

    def __str__(self) -> str:
        return f"{self.user.get_username()} ({self.office})"

    def clean(self) -> None:
        if AgencyStaff.objects.filter(user=self.user_id).exists():
            raise ValidationError({"user": TWO_SIDES})


@pghistory.track()
class AgencyStaff(models.Model):
    """기관 담당자: a person of one agency, with an account that sees what that agency sent, and no other agency's."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="agency_staff", verbose_name=_("account")
    )
    agency = models.ForeignKey("Agency", models.PROTECT, related_name="staff", verbose_name=_("agency"))
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("person of an agency"), _("people of agencies")
        triggers = [no_two_sides("agency_person_no_staff", OF_THE_STAFF)]

    def __str__(self) -> str:
        return f"{self.user.get_username()} ({self.agency})"

    def clean(self) -> None:
        is_staff = get_user_model().objects.filter(pk=self.user_id, is_staff=True).exists()
        if is_staff or Official.objects.filter(user=self.user_id).exists():
            raise ValidationError({"user": TWO_SIDES})

    @property
    def actor(self) -> str:
        """Return how the audit trail names this person: `agency:knpa:3`."""
        return f"agency:{self.agency.code}:{self.pk}"


class AccountChange(models.Model):
    """A creation of an account, or a change of its password, rights or second factor, with the acting account.

    These rows decide whether an account may approve: by the time of the last one, and by the accounts that made them.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="changes", verbose_name=_("account")
    )
    # No foreign key: the row must outlive the acting account.
    by_id = models.IntegerField(_("by account"), null=True, blank=True)  # None: a command
    what = models.CharField(_("action"), max_length=100)
    at = models.DateTimeField(_("event time"))

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("change of an account"), _("changes of accounts")
        indexes = [models.Index(fields=["account", "at"], name="account_change_at")]

    def __str__(self) -> str:
        return row_title(self)


class Authenticator(TimestampMixin, ThrottlingMixin, Device):  # type: ignore[misc]  # django-otp has no types
    """The authenticator app of one account (TOTP, RFC 6238). As django-otp's own model, but its secret is encrypted."""

    key_encrypted = models.BinaryField()
    drift = models.SmallIntegerField(default=0)  # steps that its clock is off
    last_t = models.BigIntegerField(default=-1)  # the step of the last code that was accepted: none is accepted twice

    class Meta:
        verbose_name, verbose_name_plural = _("authenticator"), _("authenticators")

    @property
    def bin_key(self) -> bytes:
        return cipher().decrypt(bytes(self.key_encrypted), bound_to=f"authenticator:{self.user_id}")

    @bin_key.setter
    def bin_key(self, secret: bytes) -> None:
        self.key_encrypted = cipher().encrypt(secret, bound_to=f"authenticator:{self.user_id}")

    def verify_token(self, token: Any) -> bool:
        """Return whether this code is right now, and use it up."""
        allowed, _why = self.verify_is_allowed()
        if not allowed:
            return False
        totp = TOTP(self.bin_key, STEP, 0, DIGITS, self.drift)
        totp.time = time.time()
        if not str(token).isdecimal() or not totp.verify(int(token), TOLERANCE, self.last_t + 1):
            self.throttle_increment(commit=True)
            return False
        self.last_t, self.drift = totp.t(), totp.drift
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True

    def get_throttle_factor(self) -> int:
        return 1


def address_of_secret(secret: bytes, username: str) -> str:
    """Return the otpauth:// address that an authenticator app scans (github.com/google/google-authenticator/wiki)."""
    issuer = settings.STAFF_TOTP_ISSUER
    values = {"secret": b32encode(secret).decode(), "algorithm": "SHA1", "digits": DIGITS, "period": STEP}
    return f"otpauth://totp/{quote(issuer)}:{quote(username)}?{urlencode(values)}&issuer={quote(issuer)}"


class RecoveryCode(models.Model):
    """One of the codes that open an account once, in place of its authenticator. Only a keyed hash is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes", verbose_name=_("account")
    )
    code_hash = models.BinaryField()
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("recovery code"), _("recovery codes")
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_once")]

    def __str__(self) -> str:
        return row_title(self)


class StaffSession(models.Model):
    """The one session in which an account works: the newest sign-in. Its mark stands in that session too."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("account")
    )
    mark = models.CharField(max_length=32)
    since = models.DateTimeField(_("signed in at"))

    class Meta:
        verbose_name, verbose_name_plural = _("session of staff"), _("sessions of staff")

    def __str__(self) -> str:
        return row_title(self)


class GivenPassword(models.Model):
    """The account's password was set by others: its owner chooses one at the next sign-in, before anything else."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+", verbose_name=_("account")
    )
    since = models.DateTimeField(_("set at"))

    class Meta:
        verbose_name, verbose_name_plural = _("password given by others"), _("passwords given by others")

    def __str__(self) -> str:
        return row_title(self)


class Invitation(models.Model):
    """A code, kept as a keyed hash, with which a new official chooses a password; once, until `expires_at`."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="invitation", verbose_name=_("account")
    )
    code_hash = models.BinaryField()
    expires_at = models.DateTimeField(_("valid until"))

    class Meta:
        verbose_name, verbose_name_plural = _("invitation"), _("invitations")

    def __str__(self) -> str:
        return row_title(self)

    def is_valid(self, now: datetime) -> bool:
        return now < self.expires_at
