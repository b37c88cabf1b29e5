from datetime import datetime

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.secrets.encryption import decrypt_text, encrypt_text


@pghistory.track(exclude=["cursor", "cursor_at"])
class Feed(models.Model):
    """One way in from one agency: its signed push, its API that we pull, or a folder it drops files into."""

    PUSH = "push"
    NUMBERED, NO_VERSIONS = "numbered", "none"
    VERSIONS = {NUMBERED: _("numbered by the agency"), NO_VERSIONS: _("none: later is newer")}

    id = models.SmallAutoField(primary_key=True)
    name = models.SlugField(_("name"), max_length=40, unique=True)
    agency = models.ForeignKey("subscriptions.Agency", models.PROTECT, related_name="feeds", verbose_name=_("agency"))
    kind = models.CharField(_("connector"), max_length=20, help_text=_("push, http_pull or file_drop"))
    settings = models.JSONField(
        _("settings"), default=dict, blank=True, help_text=_("of the connector; secrets come from the environment")
    )
    all_or_nothing = models.BooleanField(
        _("all or nothing"), default=False, help_text=_("one invalid line refuses its whole batch")
    )
    versions = models.CharField(
        _("versions"),
        max_length=10,
        choices=VERSIONS,
        default=NUMBERED,
        db_default=NUMBERED,
        help_text=_(
            "Numbered: a correction carries a higher number; other content under the same number is refused. "
            "None: the list has no such column, and what comes later is newer. A dry run says which one a file needs."
        ),
    )
    id_digits = models.PositiveSmallIntegerField(
        _("digits of the agency's number"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(64)],
        help_text=_(
            "Only where all numbers have as many digits: shorter ones get back the zeros that a spreadsheet has "
            "dropped, longer ones are refused."
        ),
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    every_minutes = models.PositiveIntegerField(_("polling interval (minutes)"), default=10)
    cursor = models.JSONField(_("cursor"), default=dict, blank=True)
    cursor_at = models.DateTimeField(_("cursor moved"), null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name, verbose_name_plural = _("feed"), _("feeds")

    def __str__(self) -> str:
        return self.name


@pghistory.track(exclude=["secret_encrypted", "ends_at", "last_used_at"])
class AgencyKey(models.Model):
    """A signing key of a push feed. Two may be valid at once, so that an agency can change over: a key that is replaced
    stays valid until its end (notifications/agencies/agency_keys.py)."""

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="keys", verbose_name=_("feed"))
    key_id = models.SlugField(_("key id"), max_length=40, unique=True)
    secret_encrypted = models.BinaryField(editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    ends_at = models.DateTimeField(_("valid until"), null=True, blank=True)  # None: no other key replaces it
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)  # to the hour

    class Meta:
        ordering = ["key_id"]
        verbose_name, verbose_name_plural = _("agency key"), _("agency keys")

    def __str__(self) -> str:
        return self.key_id

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.ends_at is None or self.ends_at > now)

    @property
    def secret(self) -> str:
        """Return `whsec_` and base64, as Standard Webhooks writes it."""
        return decrypt_text(self.secret_encrypted, bound_to=f"agency_key:{self.key_id}")

    @secret.setter
    def secret(self, secret: str) -> None:
        self.secret_encrypted = encrypt_text(secret, bound_to=f"agency_key:{self.key_id}")


class PushMessage(models.Model):
    """A signed push that was ingested, so that the same webhook id is answered and not ingested again."""

    feed = models.ForeignKey(Feed, models.CASCADE, related_name="messages", verbose_name=_("feed"))
    message_id = models.CharField(_("webhook id"), max_length=100)
    received_at = models.DateTimeField(_("received"))
    run = models.ForeignKey("FeedRun", models.CASCADE, related_name="+", verbose_name=_("run"))
    # SHA-256 of the raw body: distinguishes a repeat from the same id with other records. None: older than the column.
    body_digest = models.BinaryField(max_length=32, null=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("push message"), _("push messages")
        constraints = [models.UniqueConstraint(fields=["feed", "message_id"], name="push_message_once")]

    def __str__(self) -> str:
        return self.message_id
