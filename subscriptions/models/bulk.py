from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from secretary.kernel.database.transitions import moves_only_forward
from secretary.kernel.row_titles import row_title
from secretary.kernel.secrets.encryption import cipher

UPLOADED, CHECKING, CHECKED, WRITING = "uploaded", "checking", "checked", "writing"
DONE, REFUSED, EXPIRED = "done", "refused", "expired"
BULK_MOVES = {
    UPLOADED: (CHECKING, REFUSED, EXPIRED),
    CHECKING: (CHECKED, REFUSED, EXPIRED),
    CHECKED: (WRITING, EXPIRED),
    WRITING: (DONE, REFUSED),
    DONE: (),
    REFUSED: (),
    EXPIRED: (),
}
STATES = {
    UPLOADED: _("waits to be checked"),
    CHECKING: _("being checked"),
    CHECKED: _("checked, not confirmed yet"),
    WRITING: _("being registered"),
    DONE: _("registered"),
    REFUSED: _("refused"),
    EXPIRED: _("expired"),
}
AT_WORK = (UPLOADED, CHECKING, WRITING)


class BulkUpload(models.Model):
    """A list of seniors that an official uploaded, and how far its check and its registration are.

    The row is the work: a lost message or a killed worker loses nothing. The file is removed once it is checked, the
    rest of its content at `expires_at`; the counts stay.
    """

    official = models.ForeignKey("Official", models.PROTECT, related_name="+", verbose_name=_("official"))
    state = models.CharField(_("state"), max_length=10, choices=STATES, default=UPLOADED)
    uploaded_at = models.DateTimeField(_("uploaded"))
    expires_at = models.DateTimeField(_("expires"))
    # Also when the consents count as recorded, and by which its own people are known from all others.
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    emptied_at = models.DateTimeField(_("content removed"), null=True, blank=True)
    file_encrypted = models.BinaryField(null=True, editable=False)
    # Why the file as a whole was refused, and the number that belongs to it (a line, a limit); no content.
    refusal = models.CharField(_("reason"), max_length=30, blank=True, default="")
    refusal_detail = models.CharField(_("place"), max_length=60, blank=True, default="")
    # The consent texts in force when it was checked: what the paper forms are taken to say.
    texts = models.JSONField(_("consent texts"), default=list)
    total = models.IntegerField(_("rows"), default=0)
    looked_at = models.IntegerField(_("rows checked"), default=0)
    valid = models.IntegerField(_("valid rows"), default=0)
    wrong = models.IntegerField(_("rows with an error"), default=0)
    unchanged = models.IntegerField(_("rows registered before"), default=0)
    written = models.IntegerField(_("rows registered"), default=0)
    # Database time, as in copies of people's data: when the sweep enqueues the step (again).
    try_at = models.DateTimeField(db_default=Now(), editable=False)
    tries = models.SmallIntegerField(_("attempts"), default=0)
    began_at = models.DateTimeField(null=True, editable=False)  # the step that runs; for the time that is left

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("list of seniors"), _("lists of seniors")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(BULK_MOVES)), name="bulk_state"),
            models.UniqueConstraint(
                fields=["official"], condition=models.Q(state__in=list(AT_WORK)), name="bulk_one_at_work"
            ),
        ]
        indexes = [
            models.Index(fields=["official", "-id"], name="bulk_of_official"),
            models.Index(fields=["try_at"], condition=models.Q(state__in=list(AT_WORK)), name="bulk_to_do"),
            models.Index(fields=["expires_at"], condition=models.Q(emptied_at=None), name="bulk_to_empty"),
        ]
        triggers = [moves_only_forward("bulk_moves", BULK_MOVES)]

    def __str__(self) -> str:
        return row_title(self)

    @property
    def content(self) -> bytes:
        return cipher().decrypt(bytes(self.file_encrypted or b""), bound_to=f"bulk_upload:{self.pk}")

    @content.setter
    def content(self, content: bytes) -> None:
        """Encrypt the file; the row has its number already."""
        self.file_encrypted = cipher().encrypt(content, bound_to=f"bulk_upload:{self.pk}")


class BulkChunk(models.Model):
    """Some valid rows of a list, which are registered in one transaction. Emptied in the same."""

    upload = models.ForeignKey(BulkUpload, models.CASCADE, related_name="chunks", verbose_name=_("list of seniors"))
    number = models.IntegerField(_("number"))
    rows_encrypted = models.BinaryField(null=True, editable=False)
    written_at = models.DateTimeField(_("registered"), null=True, blank=True)

    class Meta:
        ordering = ["upload", "number"]
        verbose_name, verbose_name_plural = _("part of a list of seniors"), _("parts of lists of seniors")
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="bulk_chunk_number")]

    def __str__(self) -> str:
        return row_title(self)


class BulkRefusal(models.Model):
    """A row of a list that is not registered. `faults`: pairs of a column and a code, without personal data; the row
    itself is for the official who uploaded it."""

    upload = models.ForeignKey(BulkUpload, models.CASCADE, related_name="refusals", verbose_name=_("list of seniors"))
    row = models.IntegerField(_("row"))
    faults = models.JSONField(_("errors"))
    row_encrypted = models.BinaryField(editable=False)

    class Meta:
        ordering = ["upload", "row"]
        verbose_name, verbose_name_plural = _("wrong row of a list of seniors"), _("wrong rows of lists of seniors")
        constraints = [models.UniqueConstraint(fields=["upload", "row"], name="bulk_refusal_row")]

    def __str__(self) -> str:
        return row_title(self)
