from datetime import datetime

from django.db import models
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class ProviderState(models.Model):
    """The health of one provider of a channel that has several, and what a provider with a pace or a cap was given."""

    gateway = models.CharField(_("gateway"), max_length=20, primary_key=True)
    channel = models.CharField(_("channel"), max_length=20)
    # Set when its breaker opens, and left when it closes: a provider that was dark gets a few messages at a time first.
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=60, blank=True, default="")
    # Decaying counts of messages handed over and of those that it could not accept, since its breaker last opened.
    handed = models.FloatField(default=0)
    troubled = models.FloatField(default=0)
    # What it may be given now, by its pace in messages per second, as of that time.
    allowance = models.FloatField(default=0, db_default=0)
    allowed_at = models.DateTimeField(null=True, editable=False)
    # What it was given on that day of Korea, by its daily cap.
    day = models.DateField(_("day"), null=True, blank=True)
    given = models.PositiveIntegerField(_("messages of the day"), default=0, db_default=0)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("message provider"), _("message providers")

    def __str__(self) -> str:
        return self.gateway

    def in_words(self, now: datetime) -> str:
        if self.paused_until is None or self.paused_until <= now:
            return gettext("in use")
        return gettext("paused by its breaker until %(time)s") % {"time": f"{localtime(self.paused_until):%m-%d %H:%M}"}
