from django.db import models
from django.utils.translation import gettext_lazy as _


class ProviderEvent(models.Model):
    """A callback of a provider, stored once. It settles nothing: it is a reason to ask."""

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
        return f"{self.provider} {self.event_id}"
