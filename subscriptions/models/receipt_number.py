from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title


class ReceiptNumber(models.Model):
    """The receipt number of a sign-up or registration, without its hyphen, so that one is found in the whole country.

    It follows the person when their row is merged with another one: one person may have several. Two people may have
    the same number; it is made from the person's id by a keyed hash (subscriptions/enrolment/receipt_numbers.py).
    """

    citizen = models.ForeignKey("Citizen", models.CASCADE, related_name="receipt_numbers", verbose_name=_("citizen"))
    number = models.CharField(_("receipt number of a sign-up"), max_length=8, db_index=True)

    class Meta:
        verbose_name, verbose_name_plural = _("receipt number of a sign-up"), _("receipt numbers of sign-ups")
        constraints = [models.UniqueConstraint(fields=["citizen", "number"], name="receipt_number_once")]

    def __str__(self) -> str:
        return row_title(self)
