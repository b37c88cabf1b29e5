import pghistory
from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.persons.birth_dates import BirthDate, birth_date_from_iso
from secretary.kernel.persons.blind_index import name_index
from secretary.kernel.persons.identifiers import uuid7
from secretary.kernel.row_titles import row_title
from secretary.kernel.secrets.encryption import decrypt_text, encrypt_text


@pghistory.track(exclude=["name_encrypted", "name_hash", "birth_date_encrypted"])
class Citizen(models.Model):
    """A person who is enrolled. Never holds a resident registration number (주민등록번호)."""

    ACTIVE, ERASED = "active", "erased"
    # Calm mode: notices that may wait are collected into one message per channel (docs/adr/0043).
    NONE, DAILY, WEEKLY = "none", "daily", "weekly"
    CALM = {NONE: _("each notice at once"), DAILY: _("one message a day"), WEEKLY: _("one message a week")}

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name_encrypted = models.BinaryField(_("name"), editable=False)
    name_hash = models.BinaryField(editable=False, max_length=32)
    birth_date_encrypted = models.BinaryField(_("birth date"), editable=False)
    language = models.CharField(_("language"), max_length=2, default="ko")
    # How the person reads pages on any device. "", null: not chosen, so that the device's own choice holds.
    text_size = models.CharField(_("text size (%)"), max_length=3, blank=True, default="", db_default="")
    contrast = models.BooleanField(_("high contrast"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, default=ACTIVE)
    hours_from = models.TimeField(_("notices from (KST)"), null=True, blank=True)
    hours_to = models.TimeField(_("notices until (KST)"), null=True, blank=True)
    calm = models.CharField(_("calm mode"), max_length=6, default=NONE, db_default=NONE)
    calm_at = models.TimeField(_("bundled message at (KST)"), null=True, blank=True)  # null: CALM_AT
    calm_weekday = models.SmallIntegerField(_("weekday of the bundled message"), default=1, db_default=1)  # 1: Monday
    # When it was switched on: notices that were made before are not held back.
    calm_since = models.DateTimeField(_("calm mode since"), null=True, blank=True, editable=False)
    registered_by = models.CharField(_("registered by"), max_length=10, default="web")
    created_at = models.DateTimeField(_("registered"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("citizen"), _("citizens")
        permissions = [
            ("reveal_citizen", "Can show personal data in clear, for a stated reason"),
            ("help_caller", "Can help a person who calls: see what came of their notices, send again, withdraw"),
        ]
        indexes = [models.Index(fields=["name_hash"], name="citizen_name_hash")]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=["active", "erased"]), name="citizen_state"),
            models.CheckConstraint(condition=models.Q(language__in=["ko", "en"]), name="citizen_language"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def name(self) -> str:
        return decrypt_text(self.name_encrypted, bound_to=f"citizen.name:{self.id}")

    @name.setter
    def name(self, name: str) -> None:
        self.name_encrypted = encrypt_text(name, bound_to=f"citizen.name:{self.id}")
        self.name_hash = name_index(name)

    @property
    def birth_date(self) -> BirthDate:
        return birth_date_from_iso(decrypt_text(self.birth_date_encrypted, bound_to=f"citizen.birth_date:{self.id}"))

    @birth_date.setter
    def birth_date(self, day: BirthDate) -> None:
        self.birth_date_encrypted = encrypt_text(day.isoformat(), bound_to=f"citizen.birth_date:{self.id}")


class CitizenKey(models.Model):
    """A key by which agencies identify a person, as a keyed hash: the CI (연계정보), or name + birth date + phone."""

    CI, PERSON = "ci", "person"

    citizen = models.ForeignKey("Citizen", models.CASCADE, related_name="keys", verbose_name=_("citizen"))
    kind = models.CharField(_("kind"), max_length=10)
    key_hash = models.BinaryField(max_length=32, unique=True, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("citizen's key"), _("citizens' keys")
        # Each record looks its person up by a key, and each claim again; that the unique index holds the key itself
        # makes it three times as large and one or two pages deeper (docs/adr/0077).
        indexes = [HashIndex(fields=["key_hash"], name="citizen_key_by_hash")]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=["ci", "person"]), name="citizen_key_kind"),
        ]

    def __str__(self) -> str:
        return row_title(self)


class NameKeyMove(models.Model):
    """The progress of `manage.py move_name_keys`, so that it continues where it was stopped. One row at most."""

    # The last person, in order of ids, whose keys were moved.
    after = models.UUIDField(null=True)
    looked_at = models.PositiveIntegerField(_("people checked"), default=0)
    moved = models.PositiveIntegerField(_("people with a new key"), default=0)
    merged = models.PositiveIntegerField(_("duplicate people"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("name key move"), _("name key moves")

    def __str__(self) -> str:
        return row_title(self)
