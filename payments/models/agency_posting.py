from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.states import POSTING_MOVES, WAITING
from secretary.kernel.database.transitions import moves_only_forward


class AgencyPosting(models.Model):
    """The outbox: what an agency is notified of: one payment or refund, until it has acknowledged it."""

    PAID, REFUNDED = "paid", "refunded"

    posting_id = models.CharField(_("posting"), max_length=64, unique=True)
    payment = models.ForeignKey("Payment", models.PROTECT, related_name="postings", verbose_name=_("payment"))
    refund = models.OneToOneField(
        "Refund", models.PROTECT, null=True, blank=True, related_name="posting", verbose_name=_("refund")
    )
    kind = models.CharField(_("kind"), max_length=10)
    amount = models.PositiveBigIntegerField(_("amount (won)"))
    happened_at = models.DateTimeField(_("happened"))
    state = models.CharField(_("state"), max_length=12, default="waiting")
    created_at = models.DateTimeField(_("created"))
    next_at = models.DateTimeField(_("next try"))  # database time
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    code = models.CharField(_("the agency's code"), max_length=60, blank=True, default="")
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True, blank=True)
    reference = models.CharField(_("the agency's reference"), max_length=100, blank=True, default="")

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("posting to an agency"), _("postings to agencies")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(POSTING_MOVES)), name="posting_state"),
            models.CheckConstraint(
                condition=models.Q(kind="paid", refund__isnull=True) | models.Q(kind="refunded", refund__isnull=False),
                name="posting_kind",
            ),
            models.UniqueConstraint(fields=["payment"], condition=models.Q(kind="paid"), name="posting_paid_once"),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state=WAITING), name="posting_due"),
        ]
        triggers = [moves_only_forward("posting_moves", POSTING_MOVES)]

    def __str__(self) -> str:
        return self.posting_id
