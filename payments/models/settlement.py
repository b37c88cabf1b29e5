import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _


class Settlement(models.Model):
    """Money that a provider captured for one payment. Never changed: refunded money is in the refunds.

    The day of the provider's approval, in Korea, is the day of payment (질서위반행위규제법 §17의2).
    """

    payment = models.OneToOneField("Payment", models.PROTECT, related_name="settlement", verbose_name=_("payment"))
    receipt_number = models.CharField(_("receipt number"), max_length=40, unique=True)
    amount = models.PositiveBigIntegerField(_("amount (won)"))
    surplus = models.BooleanField(_("surplus (overpayment)"), default=False)
    approved_at = models.DateTimeField(_("approved"))
    day = models.DateField(_("day of payment"))
    method = models.CharField(_("method"), max_length=40, blank=True, default="")
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("settlement"), _("settlements")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="settlement_of_something"),
        ]
        indexes = [models.Index(fields=["day"], name="settlement_day")]
        triggers = [pgtrigger.Protect(name="settlement_stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.receipt_number
