from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class SerialPattern(models.Model):
    """The form of an agency's own numbers in a feed, where they resemble resident numbers.

    One administrator declares it, another one confirms it; only then a record with such a number is ingested.
    """

    feed = models.ForeignKey("Feed", models.PROTECT, related_name="serial_patterns", verbose_name=_("feed"))
    pattern = models.CharField(
        _("pattern"),
        max_length=64,
        validators=[RegexValidator(r"\A[A-Za-z0-9#._:/-]+\Z", _("Letters, digits, # and . _ : / - only."))],
        help_text=_("# stands for one digit, every other character for itself: ######1###### or 26######-######"),
    )
    proposed_by_id = models.IntegerField(_("declared by account"), editable=False)
    proposed_at = models.DateTimeField(_("declared"), editable=False)
    confirmed_by_id = models.IntegerField(_("confirmed by account"), null=True, editable=False)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("pattern of an agency's numbers"), _("patterns of agencies' numbers")

    def __str__(self) -> str:
        return self.pattern
