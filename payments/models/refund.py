from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.states import APPROVED, REFUND_LIVE, REFUND_MOVES, REJECTED, REQUESTED, SENDING, UNKNOWN
from secretary.kernel.database.transitions import moves_only_forward


class Refund(models.Model):
    """Money that is to be refunded. Requested by one person (or by the service itself), approved by another."""

    payment = models.ForeignKey("Payment", models.PROTECT, related_name="refunds", verbose_name=_("payment"))
    amount = models.PositiveBigIntegerField(_("amount (won)"))
    # What must be left of the payment before it: the provider refuses where it is not, so that nothing goes back twice.
    expected_remainder = models.PositiveBigIntegerField(_("left before it (won)"))
    reason = models.CharField(_("reason"), max_length=200)
    state = models.CharField(_("state"), max_length=10, default="requested")
    requested_at = models.DateTimeField(_("requested"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
        help_text=_("Empty: the service itself, because of an overpayment."),
    )
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("approved by")
    )
    key = models.CharField(_("idempotency key"), max_length=64, unique=True)
    vendor_id = models.CharField(_("the provider's id"), max_length=200, blank=True, default="")
    code = models.CharField(_("the provider's code"), max_length=60, blank=True, default="")
    # The provider refunded the money without us. Approving it takes that into our books; nothing is sent.
    outside = models.BooleanField(_("already refunded at the provider"), default=False, db_default=False)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # Database time, as in payments.
    fence = models.PositiveIntegerField(default=0)
    first_sent_at = models.DateTimeField(_("first sent"), null=True, blank=True)
    ask_at = models.DateTimeField(_("poll at"), null=True, blank=True)
    asked = models.PositiveSmallIntegerField(_("polls"), default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("refund"), _("refunds")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(REFUND_MOVES)), name="refund_state"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, amount__lte=models.F("expected_remainder")), name="refund_within"
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | models.Q(requested_by__isnull=True)
                | ~models.Q(approved_by=models.F("requested_by")),
                name="refund_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[REQUESTED, REJECTED]) | models.Q(approved_by__isnull=False),
                name="refund_approved_first",
            ),
            models.UniqueConstraint(
                fields=["payment"], condition=models.Q(state__in=list(REFUND_LIVE)), name="refund_live_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["ask_at"], condition=models.Q(state__in=[APPROVED, SENDING, UNKNOWN]), name="refund_to_send"
            ),
        ]
        triggers = [moves_only_forward("refund_moves", REFUND_MOVES)]

    def __str__(self) -> str:
        return f"{self.pk}: {self.amount}"
