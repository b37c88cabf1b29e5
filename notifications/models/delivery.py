import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from notifications.states import DELIVERY_MOVES
from secretary.kernel.database.transitions import moves_only_forward
from secretary.kernel.row_titles import row_title

BITS = 10  # a block holds 1024 deliveries by number: two claims, or three
# Of a block `b`, its deliveries `d`, by the primary key; and the blocks that must be looked through now. The limit cuts
# none off: without it the planner, which expects a ninth of all deliveries in a block, reads the table through.
OF_BLOCK = f"d.id >= b.block << {BITS} AND d.id < (b.block + 1) << {BITS}"
IN_ORDER = f"ORDER BY d.id LIMIT {1 << BITS}"
DUE_BLOCKS = "(SELECT DISTINCT block FROM notifications_deliveryblock WHERE due_at <= statement_timestamp())"


class DeliveryBlock(models.Model):
    """A block of deliveries of which one is to be looked after (`Delivery.ask_at`) at `due_at` or later. Several rows
    may be about one block; the sweeper makes one of those that are due (notifications/sql/settle_blocks.sql).

    So that no column of a delivery that changes is indexed, and its end writes the row and no index: docs/adr/0065.
    Triggers on the delivery write the rows, for all who write deliveries.
    """

    block = models.BigIntegerField(_("number of the block"))
    due_at = models.DateTimeField(_("to be looked through at"))
    # As the claim has written it: nothing of it is known to be unknown, or to have missed its receipt.
    fresh = models.BooleanField(_("as claimed"))

    class Meta:
        verbose_name, verbose_name_plural = _("block of deliveries"), _("blocks of deliveries")
        indexes = [models.Index(fields=["due_at"], name="delivery_block_due")]

    def __str__(self) -> str:
        return row_title(self)


BLOCK_TRIGGERS = [
    pgtrigger.Trigger(
        name="delivery_block_new",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="fresh"),  # type: ignore[no-untyped-call]
        func="INSERT INTO notifications_deliveryblock (block, due_at, fresh)"  # noqa: S608  (a number of ours)
        f" SELECT id >> {BITS}, min(ask_at), true FROM fresh WHERE ask_at IS NOT NULL GROUP BY 1; RETURN NULL;",
    ),
    # A moment that is put off needs no row: the block is looked through at the earlier one, which finds the later.
    pgtrigger.Trigger(
        name="delivery_block_again",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "NEW.ask_at IS NOT NULL AND (OLD.ask_at IS NULL OR NEW.ask_at < OLD.ask_at"
            " OR NEW.state = 'unknown' AND OLD.state <> 'unknown')"
        ),
        func="INSERT INTO notifications_deliveryblock (block, due_at, fresh)"  # noqa: S608  (a number of ours)
        f" VALUES (NEW.id >> {BITS}, NEW.ask_at, false); RETURN NULL;",
    ),
]


class HandedOver(models.Model):
    """What gateways took of one claim, until it is written in those of its deliveries that no receipt has ended
    meanwhile: most are ended by their receipt first, and are so written once less (docs/adr/0071).

    Its arrays have one entry for each delivery.
    """

    deliveries = ArrayField(models.BigIntegerField(), verbose_name=_("deliveries"))
    codes = ArrayField(models.CharField(max_length=40), verbose_name=_("gateway codes"))
    vendor_ids = ArrayField(models.CharField(max_length=80), verbose_name=_("gateway message ids"))
    answered_at = models.DateTimeField(_("answered"), db_default=Now())

    class Meta:
        verbose_name, verbose_name_plural = _("claim that was handed over"), _("claims that were handed over")

    def __str__(self) -> str:
        return row_title(self)


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
    # Found by its block (DeliveryBlock).
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
            # No changing column is indexed: each step then writes the row and no index (PostgreSQL's HOT).
            models.Index(fields=["carrier"], condition=models.Q(carrier__isnull=False), name="delivery_of_carrier"),
        ]
        triggers = [moves_only_forward("delivery_moves", DELIVERY_MOVES, of_many=True), *BLOCK_TRIGGERS]

    def __str__(self) -> str:
        return row_title(self)
