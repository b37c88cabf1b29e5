import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title


class Quote(models.Model):
    """What a bill costs on a day, how that was calculated, and until when it is valid. Never changed.

    `detail`: {"steps": [{code, ko, en, article, amount}], "notes": [{code, ko, en, article}],
    "differences": [{what, agency, by_law}], "next": {on, amount} | null, "after_next": {on, amount} | null}
    """

    bill = models.ForeignKey("Bill", models.CASCADE, related_name="quotes", verbose_name=_("bill"))
    day = models.DateField(_("day"))
    amount = models.PositiveBigIntegerField(_("amount (won)"))
    by_law = models.PositiveBigIntegerField(_("by law (won)"))
    agency_amount = models.PositiveBigIntegerField(_("the agency's figure (won)"), null=True, blank=True)
    rules = models.DateField(_("rules in force since"))
    record_version = models.PositiveIntegerField(_("record version"))
    detail = models.JSONField(_("calculation"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)  # null: no later change is known
    made_at = models.DateTimeField(_("made"))

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("quote"), _("quotes")
        constraints = [
            models.UniqueConstraint(
                fields=["bill", "day", "record_version", "amount", "agency_amount"],
                nulls_distinct=False,
                name="quote_once",
            ),
        ]
        triggers = [pgtrigger.Protect(name="quote_stays", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return row_title(self)
