from django.db import models
from django.utils.translation import gettext_lazy as _


class ChannelState(models.Model):
    """The health of one channel as all workers see it: the breaker opens by error rate, not by count."""

    channel = models.CharField(_("channel"), max_length=20, primary_key=True)
    paused_until = models.DateTimeField(_("paused until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=60, blank=True, default="")
    # Decaying counts of messages handed over and of those the gateway could not take.
    handed = models.FloatField(default=0)
    troubled = models.FloatField(default=0)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name, verbose_name_plural = _("channel"), _("channels")

    def __str__(self) -> str:
        return self.channel


class WordingStop(models.Model):
    """A wording that a gateway refuses as such. It is passed over until an administrator clears the stop."""

    wording = models.ForeignKey(
        "subscriptions.Wording", models.CASCADE, related_name="stops", verbose_name=_("wording")
    )
    code = models.CharField(_("the gateway's code"), max_length=40)
    stopped_at = models.DateTimeField(_("stopped"))
    cleared_at = models.DateTimeField(_("cleared"), null=True, blank=True)

    class Meta:
        ordering = ["-stopped_at"]
        verbose_name, verbose_name_plural = _("stopped wording"), _("stopped wordings")
        constraints = [
            models.UniqueConstraint(
                fields=["wording"], condition=models.Q(cleared_at__isnull=True), name="wording_stopped_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.wording_id} {self.code}"
