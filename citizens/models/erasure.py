import json
from collections.abc import Sequence

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from secretary.kernel.secrets.encryption import decrypt_text, encrypt_text


class Erasure(models.Model):
    """The erasure of one person, and its receipt, which stays valid when nothing else of the person is left.

    `hashes` (of keys and contacts) are what finds the person's records and sessions; they go when the work is done, and
    so do the numbers by which Toss knows the person, when Toss has been told.
    `people` are numbers of rows without content, and go when what the law keeps has gone. Then the row says that on a
    day someone was erased, and no more.
    """

    WAITING, DONE = "waiting", "done"
    ASKED, WITHDREW = "asked", "withdrew"

    number = models.CharField(_("receipt number"), max_length=20, unique=True)
    why = models.CharField(_("reason"), max_length=10)
    state = models.CharField(_("state"), max_length=10, default=WAITING)
    asked_at = models.DateTimeField(_("requested"))
    promised_by = models.DateTimeField(_("promised by"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # How far the job is, so that one that was stopped goes on there.
    done = models.PositiveSmallIntegerField(_("steps that are done"), default=0)
    people = ArrayField(models.UUIDField(), verbose_name=_("rows"), default=list)
    hashes = ArrayField(models.BinaryField(), editable=False, default=list)
    contacts = ArrayField(models.BinaryField(), editable=False, default=list)
    toss_keys_encrypted = models.BinaryField(null=True, editable=False)
    removed = models.JSONField(_("removed"), default=dict)  # what → how many rows
    kept = models.JSONField(_("kept"), default=dict)  # what → until which day (ISO); gone: removed from here
    # Database time: when the sweep enqueues it (again). A worker that takes it moves this on by its lease.
    try_at = models.DateTimeField(db_default=Now(), editable=False)
    tries = models.PositiveIntegerField(_("attempts"), default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("erasure"), _("erasures")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=["waiting", "done"]), name="erasure_state"),
            models.CheckConstraint(condition=models.Q(why__in=["asked", "withdrew"]), name="erasure_why"),
        ]
        indexes = [
            models.Index(fields=["try_at"], condition=models.Q(state="waiting"), name="erasure_to_do"),
            models.Index(
                fields=["id"], condition=models.Q(state="done") & ~models.Q(kept={}), name="erasure_with_rest"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def toss_keys(self) -> list[str]:
        """The numbers of users of Toss whose connection is to be ended there."""
        if self.toss_keys_encrypted is None:
            return []
        keys: list[str] = json.loads(decrypt_text(self.toss_keys_encrypted, bound_to=self._toss_keys_bound_to))
        return keys

    @toss_keys.setter
    def toss_keys(self, keys: Sequence[str]) -> None:
        sealed = encrypt_text(json.dumps(list(keys)), bound_to=self._toss_keys_bound_to) if keys else None
        self.toss_keys_encrypted = sealed

    @property
    def _toss_keys_bound_to(self) -> str:
        return f"erasure.toss:{self.number}"
