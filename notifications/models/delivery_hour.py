"""Count deliveries that have ended, by the hour in which they began. The dashboard reads these rows, never deliveries.

The statement that ends deliveries writes changes (notifications/sql/apply_outcomes.sql), a task adds them up
(notifications/operations/count_ended.py). Why so: docs/adr/0047-counts-by-the-hour.md.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.states import DELIVERED, FAILED, RETURNED
from secretary.kernel.row_titles import row_title

ENDED = (DELIVERED, FAILED, RETURNED)
# How long a delivery took, as a number on a logarithmic scale: two steps for each doubling of the seconds, so that a
# step reaches from `2 ** (n / 2)` to `2 ** ((n + 1) / 2)` seconds. The last one holds whatever took 24 days or more.
STEPS_PER_DOUBLING, LONGEST = 2, 42


class _Counted(models.Model):
    hour = models.DateTimeField(_("hour in which it began"))
    channel = models.CharField(_("channel"), max_length=20)
    state = models.CharField(_("state"), max_length=10)
    code = models.CharField(_("gateway code"), max_length=40, blank=True, default="")  # "": it was delivered
    duration = models.PositiveSmallIntegerField(_("step of the duration"), default=0)  # of what was delivered

    class Meta:
        abstract = True


class DeliveryChange(_Counted):
    """So many more, or fewer, than before: written beside the deliveries, and added up within a minute.

    Only inserted and removed, so that workers which end deliveries never wait for each other here.
    """

    change = models.IntegerField(_("change"))

    class Meta:
        verbose_name, verbose_name_plural = _("uncounted change"), _("uncounted changes")

    def __str__(self) -> str:
        return row_title(self)


class DeliveryHour(_Counted):
    """How many deliveries of one hour and channel ended so. It names no person: an erasure changes none."""

    count = models.IntegerField(_("deliveries"))

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("deliveries of an hour"), _("deliveries by the hour")
        constraints = [
            models.UniqueConstraint(fields=["hour", "channel", "state", "code", "duration"], name="delivery_hour_once"),
        ]

    def __str__(self) -> str:
        return row_title(self)
