from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title


class ReceiptEvent(models.Model):
    """A gateway's report about one delivery: stored once, applied in bulk. No numbers, no names."""

    gateway = models.CharField(_("gateway"), max_length=20)
    event_id = models.CharField(_("event"), max_length=120)
    delivery_id = models.BigIntegerField(_("delivery"), null=True)
    verdict = models.CharField(_("result"), max_length=10)
    code = models.CharField(_("code"), max_length=40, blank=True, default="")
    vendor_id = models.CharField(_("gateway message id"), max_length=80, blank=True, default="")
    happened_at = models.DateTimeField(_("happened"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"))
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)
    # After an error, by the database's clock: the time of the next attempt, and the number of failures.
    retry_at = models.DateTimeField(_("tried again"), null=True, blank=True)
    failed = models.SmallIntegerField(_("failed"), default=0, db_default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("receipt"), _("receipts")
        constraints = [models.UniqueConstraint(fields=["gateway", "event_id"], name="receipt_once")]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(applied_at__isnull=True), name="receipt_unapplied"),
            # For the timeline of one notice, which would read the whole table otherwise.
            models.Index(fields=["delivery_id"], name="receipt_of_delivery"),
        ]

    def __str__(self) -> str:
        return row_title(self)
