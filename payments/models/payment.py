from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.states import CAPTURED, DONE, LIVE, PAYMENT_MOVES, SETTLED
from secretary.kernel.database.transitions import moves_only_forward


class Payment(models.Model):
    """One attempt to pay one bill with one provider. Its row, with its key, is there before any call."""

    bill = models.ForeignKey("Bill", models.PROTECT, related_name="payments", verbose_name=_("bill"))
    # The bill's: what the constraints below hold on to.
    debt = models.CharField(_("debt"), max_length=140, editable=False)
    quote = models.ForeignKey("Quote", models.PROTECT, related_name="payments", verbose_name=_("quote"))
    provider = models.CharField(_("provider"), max_length=20)
    order_id = models.CharField(_("order"), max_length=64, unique=True)
    key = models.CharField(_("idempotency key"), max_length=64, unique=True)
    vendor_id = models.CharField(_("the provider's id"), max_length=200, blank=True, default="")
    amount = models.PositiveBigIntegerField(_("amount (won)"))
    state = models.CharField(_("state"), max_length=15, default="created")
    reason = models.CharField(_("reason"), max_length=40, blank=True, default="")
    code = models.CharField(_("the provider's code"), max_length=60, blank=True, default="")
    created_at = models.DateTimeField(_("started"))
    confirmed_at = models.DateTimeField(_("confirm request sent"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # The claim of the confirming process. Database time, as all that many machines must agree on (docs/adr/0001).
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)  # after it the provider has certainly dropped what is not captured
    ask_at = models.DateTimeField(_("poll at"), null=True, blank=True)
    asked = models.PositiveSmallIntegerField(_("polls"), default=0)
    heard_at = models.DateTimeField(null=True, editable=False)  # the newest poll that a provider's event led to
    # Captured, and the provider holds another amount of it than our books (compare_balance.py): a person looks.
    review_since = models.DateTimeField(_("in review since"), null=True, blank=True)
    left_there = models.BigIntegerField(_("remaining at the provider (won)"), null=True, blank=True)
    # When the poll was sent whose answer is the newest about what is left (database time). An older answer, which
    # another worker brings late, changes nothing.
    left_as_of = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("payment"), _("payments")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(PAYMENT_MOVES)), name="payment_state"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_of_something"),
            models.CheckConstraint(
                condition=models.Q(review_since__isnull=True) | models.Q(state__in=list(CAPTURED)),
                name="payment_review_of_taken",
            ),
            models.UniqueConstraint(
                fields=["debt"], condition=models.Q(state__in=list(LIVE)), name="payment_live_once_per_debt"
            ),
            models.UniqueConstraint(
                fields=["debt"], condition=models.Q(state__in=list(SETTLED)), name="payment_settled_once_per_debt"
            ),
        ]
        indexes = [
            models.Index(fields=["ask_at"], condition=models.Q(ask_at__isnull=False), name="payment_to_ask"),
            models.Index(fields=["vendor_id"], condition=~models.Q(vendor_id=""), name="payment_by_vendor_id"),
            models.Index(
                fields=["review_since"], condition=models.Q(review_since__isnull=False), name="payment_in_review"
            ),
        ]
        triggers = [moves_only_forward("payment_moves", PAYMENT_MOVES)]

    def __str__(self) -> str:
        return self.order_id

    def remainder(self) -> int:
        """Won of this settled payment that have not gone back."""
        refunded = self.refunds.filter(state=DONE).aggregate(won=models.Sum("amount"))["won"]
        return int(self.settlement.amount - (refunded or 0))
