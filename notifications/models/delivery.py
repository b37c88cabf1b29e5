from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.states import DELIVERY_MOVES
from secretary.kernel.database.transitions import moves_only_forward
from secretary.kernel.row_titles import row_title


class Delivery(models.Model):
    """One attempt to send one notice through one gateway. Written in the claiming transaction, before any HTTP."""

    # Without a constraint in the database: the claim that inserts it holds the notice's row locked.
    notice = models.ForeignKey(
        "Notice",
        models.CASCADE,
        related_name="deliveries",
        db_index=False,
        db_constraint=False,
        verbose_name=_("notice"),
    )
    fence = models.PositiveSmallIntegerField(_("attempt"))
    channel = models.CharField(_("channel"), max_length=20)
    # The service that was given it, written before each hand-over; "" of a delivery of an earlier release: that of the
    # channel's first provider.
    gateway = models.CharField(_("gateway"), max_length=20, blank=True, default="", db_default="")
    template = models.ForeignKey(
        "subscriptions.MessageTemplate",
        models.PROTECT,
        db_column="wording_id",
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("message template"),
    )
    # The delivery whose message carried this notice too: a bundle, of which only the carrier is known to the gateway.
    # The carrier's own is itself; None: a message of its own. Stays when the carrier's notice is erased: what was said
    # of this one was said in a bundle all the same.
    carrier = models.ForeignKey(
        "self",
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="carried",
        verbose_name=_("carried by"),
    )
    state = models.CharField(_("state"), max_length=10, default="sending")
    code = models.CharField(_("gateway code"), max_length=40, blank=True, default="")
    vendor_id = models.CharField(_("gateway message id"), max_length=80, blank=True, default="")
    batch_key = models.CharField(_("batch key"), max_length=40)
    day = models.DateField(_("reference day of the text"))
    started_at = models.DateTimeField(_("started"))
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # When the sweeper acts unless the outcome is known before: at the end of the claim's lease (by the database's
    # clock) it recovers the notice of a killed worker, later it polls the gateway. None: finished, or in review.
    ask_at = models.DateTimeField(_("poll at"), null=True, blank=True)
    asked = models.PositiveSmallIntegerField(_("polls"), default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("delivery"), _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["notice", "fence"], name="delivery_once_per_claim"),
            models.CheckConstraint(condition=models.Q(state__in=list(DELIVERY_MOVES)), name="delivery_state"),
        ]
        indexes = [
            # State is not indexed: "sending" to "sent" then writes the row and no index (PostgreSQL's HOT).
            models.Index(fields=["ask_at"], condition=models.Q(ask_at__isnull=False), name="delivery_to_look_after"),
            models.Index(fields=["carrier"], condition=models.Q(carrier__isnull=False), name="delivery_of_carrier"),
        ]
        triggers = [moves_only_forward("delivery_moves", DELIVERY_MOVES)]

    def __str__(self) -> str:
        return row_title(self)
