from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title


class CalendarFeed(models.Model):
    """A person's calendar feed. Its address alone gives access, so that only a keyed hash of the address is stored.

    One row a person: a renewed address is the same feed, whose days keep their sequence numbers.
    """

    citizen = models.OneToOneField(
        "subscriptions.Citizen", models.CASCADE, primary_key=True, related_name="+", verbose_name=_("citizen")
    )
    token_hash = models.BinaryField(max_length=32, null=True, unique=True, editable=False)  # None: no address is valid
    made_at = models.DateTimeField(_("address made"))
    read_at = models.DateTimeField(_("last read"), null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]
        verbose_name, verbose_name_plural = _("calendar feed"), _("calendar feeds")

    def __str__(self) -> str:
        return row_title(self)


class CalendarEntry(models.Model):
    """A day that a feed has shown, as it was shown last, so that a change of it is seen and a day that does not apply
    any more is cancelled."""

    feed = models.ForeignKey(CalendarFeed, models.CASCADE, related_name="entries", verbose_name=_("calendar feed"))
    # Without a constraint in the database: a record is never deleted, and this row outlives that it is the person's.
    record = models.ForeignKey(
        "notifications.Record", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    field = models.CharField(_("field"), max_length=40)
    day = models.DateField(_("day"))
    words_digest = models.BinaryField(max_length=16, editable=False)
    sequence = models.IntegerField(_("sequence number"), default=0)
    changed_at = models.DateTimeField(_("changed"))
    gone_at = models.DateTimeField(_("does not apply any more since"), null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name, verbose_name_plural = _("day of a calendar feed"), _("days of calendar feeds")
        constraints = [
            models.UniqueConstraint(fields=["feed", "record", "field"], name="calendar_entry_once"),
        ]

    def __str__(self) -> str:
        return row_title(self)
