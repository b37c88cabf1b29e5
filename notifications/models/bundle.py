from django.db import models
from django.utils.translation import gettext_lazy as _


class Bundle(models.Model):
    """One bundled message: the delivery that the gateway knows, and the service's template that it was written by.

    Which deliveries it carried: `Delivery.carrier`. Written before any HTTP (notifications/delivery/bundle.py).
    """

    # Without constraints in the database: written by the statement that marks the deliveries.
    carrier = models.OneToOneField(
        "Delivery",
        models.CASCADE,
        primary_key=True,
        db_constraint=False,
        related_name="bundle",
        verbose_name=_("carried by"),
    )
    template = models.ForeignKey(
        "subscriptions.MessageTemplate",
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("message template"),
    )

    class Meta:
        verbose_name, verbose_name_plural = _("bundled message"), _("bundled messages")

    def __str__(self) -> str:
        return f"{self.carrier_id}"
