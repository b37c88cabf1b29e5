from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title
from secretary.kernel.secrets.encryption import cipher


class DataExport(models.Model):
    """A person's own copy of everything that is held about them (개인정보 보호법 §35), made in the background.

    It holds personal data of all kinds, so it is encrypted, offered to its person only, and deleted after
    `OWN_DATA_EXPORT_HOURS`.
    """

    WAITING, READY, FAILED = "waiting", "ready", "failed"

    citizen = models.ForeignKey("subscriptions.Citizen", models.CASCADE, related_name="+", verbose_name=_("citizen"))
    state = models.CharField(_("state"), max_length=10, default=WAITING)
    asked_at = models.DateTimeField(_("requested"))
    made_at = models.DateTimeField(_("finished"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"))
    done = models.PositiveSmallIntegerField(_("parts that are done"), default=0)
    total = models.PositiveSmallIntegerField(_("parts"), default=0)
    # Database time: when the sweep enqueues it (again). A worker that takes it moves this on by its lease.
    try_at = models.DateTimeField(db_default=Now(), editable=False)
    tries = models.PositiveSmallIntegerField(_("attempts"), default=0)
    content_encrypted = models.BinaryField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("copy of a person's data"), _("copies of people's data")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=["waiting", "ready", "failed"]), name="export_state"),
            models.UniqueConstraint(fields=["citizen"], condition=models.Q(state="waiting"), name="export_one_waits"),
        ]
        indexes = [
            models.Index(fields=["citizen", "-id"], name="export_of_citizen"),
            models.Index(fields=["try_at"], condition=models.Q(state="waiting"), name="export_to_make"),
            models.Index(fields=["expires_at"], name="export_expires"),
        ]

    def __str__(self) -> str:
        return row_title(self)

    @property
    def content(self) -> bytes:
        """Return the zip file. Only of an export that is ready."""
        return cipher().decrypt(bytes(self.content_encrypted or b""), bound_to=f"data_export:{self.pk}")

    @content.setter
    def content(self, content: bytes) -> None:
        self.content_encrypted = cipher().encrypt(content, bound_to=f"data_export:{self.pk}")
