import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title


@pghistory.track(exclude=["matched_at", "data_erased_at"])
class Subscription(models.Model):
    """A person wants notices of one data type. Ended ones stay as history."""

    citizen = models.ForeignKey("Citizen", models.CASCADE, related_name="subscriptions", verbose_name=_("citizen"))
    data_type = models.ForeignKey("DataType", models.PROTECT, related_name="subscriptions", verbose_name=_("data type"))
    consent = models.ForeignKey("Consent", models.PROTECT, related_name="subscriptions", verbose_name=_("consent"))
    started_at = models.DateTimeField(_("started"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    # When the records that were already open were matched for this one; null: not yet, which the sweeper finds.
    matched_at = models.DateTimeField(_("open records matched"), null=True, blank=True)
    # When the notices and records of a kind that ended were erased, as its consent text promises (citizens/own_data).
    data_erased_at = models.DateTimeField(_("data erased"), null=True, blank=True)

    class Meta:
        ordering = ["citizen", "data_type"]
        verbose_name, verbose_name_plural = _("subscription"), _("subscriptions")
        constraints = [
            models.UniqueConstraint(
                fields=["citizen", "data_type"],
                condition=models.Q(ended_at__isnull=True),
                name="subscription_live_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(matched_at__isnull=True, ended_at__isnull=True),
                name="subscription_unmatched",
            ),
            models.Index(
                fields=["ended_at"],
                condition=models.Q(ended_at__isnull=False, data_erased_at__isnull=True),
                name="subscription_to_erase",
            ),
        ]

    def __str__(self) -> str:
        return row_title(self)
