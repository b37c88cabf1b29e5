from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.states import BILL_MOVES
from secretary.common.transitions import moves_only_forward


class Bill(models.Model):
    """One debt of one person as an agency's record tells of it. What it costs is in no column: quotes say that."""

    record = models.OneToOneField("notifications.Record", models.PROTECT, related_name="bill", verbose_name=_("record"))
    citizen = models.ForeignKey(
        "subscriptions.Citizen", models.PROTECT, related_name="bills", verbose_name=_("citizen")
    )
    tariff = models.CharField(_("tariff"), max_length=40)
    # What bills about the same debt share: the agency's case where the record names one (a violation that is to be paid
    # as a fine by the owner or as a penalty by the driver), otherwise the record's own number.
    debt = models.CharField(_("debt"), max_length=140)
    state = models.CharField(_("state"), max_length=15, default="open")
    reason = models.CharField(_("reason"), max_length=40, blank=True, default="")
    opened_at = models.DateTimeField(_("opened"))
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("bill"), _("bills")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(BILL_MOVES)), name="bill_state"),
        ]
        indexes = [
            models.Index(fields=["citizen", "-id"], name="bill_of_citizen"),
            models.Index(fields=["debt"], name="bill_of_debt"),
        ]
        triggers = [moves_only_forward("bill_moves", BILL_MOVES)]

    def __str__(self) -> str:
        return f"{self.tariff} {self.pk}"
