from datetime import datetime

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title


class ProviderEvent(models.Model):
    """A callback of a provider, stored once. It settles nothing: it only triggers a poll."""

    provider = models.CharField(_("provider"), max_length=20)
    event_id = models.CharField(_("event"), max_length=200)
    kind = models.CharField(_("kind"), max_length=60, blank=True, default="")
    payment = models.ForeignKey(
        "Payment", models.PROTECT, null=True, blank=True, related_name="events", verbose_name=_("payment")
    )
    received_at = models.DateTimeField(_("received"))

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("provider's event"), _("providers' events")
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="provider_event_once")]

    def __str__(self) -> str:
        return row_title(self)


class EventCount(models.Model):
    """How many events of a provider were not kept in an hour: about unknown orders, or folded into a question."""

    UNKNOWN_ORDER, FOLDED = "unknown_order", "folded"
    ONE_MORE = """
    INSERT INTO payments_eventcount (provider, kind, hour, times)
    VALUES (%s, %s, date_trunc('hour', %s::timestamptz), 1)
    ON CONFLICT (provider, kind, hour) DO UPDATE SET times = payments_eventcount.times + 1
    """

    provider = models.CharField(_("provider"), max_length=20)
    kind = models.CharField(_("kind"), max_length=20)
    hour = models.DateTimeField(_("hour"))
    times = models.PositiveBigIntegerField(_("times"))

    class Meta:
        ordering = ["-hour"]
        verbose_name, verbose_name_plural = _("count of events"), _("counts of events")
        constraints = [models.UniqueConstraint(fields=["provider", "kind", "hour"], name="event_count_once")]

    def __str__(self) -> str:
        return row_title(self)

    @classmethod
    def one_more(cls, *, provider: str, kind: str, now: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute(cls.ONE_MORE, [provider, kind, now])
