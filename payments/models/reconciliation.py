from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title


class ReconcileRun(models.Model):
    """The comparison of one day: providers' settlement files, our ledger, the agencies' lists."""

    day = models.DateField(_("day"), unique=True)
    ran_at = models.DateTimeField(_("last compared"))
    complete = models.BooleanField(_("complete"), default=False)  # all have answered
    provider_total = models.BigIntegerField(_("providers (won)"), default=0)
    ledger_total = models.BigIntegerField(_("ledger (won)"), default=0)
    due_to_agencies = models.BigIntegerField(_("due to agencies (won)"), default=0)
    agency_total = models.BigIntegerField(_("agencies (won)"), default=0)

    class Meta:
        ordering = ["-day"]
        verbose_name, verbose_name_plural = _("reconciliation"), _("reconciliations")

    def __str__(self) -> str:
        return str(self.day)


class Difference(models.Model):
    """Something that two of the three do not agree on. Found again, it is the same row; gone, it is resolved."""

    run = models.ForeignKey(ReconcileRun, models.PROTECT, related_name="differences", verbose_name=_("reconciliation"))
    kind = models.CharField(_("kind"), max_length=40)
    where = models.CharField(_("where"), max_length=40)  # provider:NAME or agency:CODE
    reference = models.CharField(_("order or posting"), max_length=100)
    payment = models.ForeignKey(
        "Payment", models.PROTECT, null=True, blank=True, related_name="differences", verbose_name=_("payment")
    )
    ours = models.BigIntegerField(_("ours (won)"), null=True, blank=True)
    theirs = models.BigIntegerField(_("theirs (won)"), null=True, blank=True)
    found_at = models.DateTimeField(_("found"))
    resolved_at = models.DateTimeField(_("resolved"), null=True, blank=True)
    resolved_by = models.CharField(_("resolved by"), max_length=60, blank=True, default="")
    resolution = models.CharField(_("reason"), max_length=200, blank=True, default="")

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("difference"), _("differences")
        constraints = [
            models.UniqueConstraint(fields=["run", "kind", "where", "reference"], name="difference_once"),
        ]

    def __str__(self) -> str:
        return row_title(self)
