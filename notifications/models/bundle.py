import pgtrigger
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


# A bundle that crashed its worker twice is taken apart: its notices are claimed one by one, from the other queue.
CRASHES_TOGETHER = 2


class BundleEntry(models.Model):
    """The queue of notices that wait for their person's bundled message: calm mode (docs/adr/0043).

    A waiting notice is in this queue or in that of QueueEntry, never in both: the triggers below and those of
    QueueEntry put it where it belongs. So the claim of all other notices never passes over these.
    """

    # Without constraints in the database: the notice's own statement writes it.
    notice = models.OneToOneField(
        "Notice",
        models.CASCADE,
        primary_key=True,
        db_constraint=False,
        related_name="bundle_entry",
        verbose_name=_("notice"),
    )
    citizen = models.ForeignKey(
        "subscriptions.Citizen",
        models.CASCADE,
        db_index=False,
        db_constraint=False,
        related_name="+",
        verbose_name=_("citizen"),
    )
    bundle_at = models.DateTimeField(_("bundled message at"))
    not_before = models.DateTimeField(_("not before"))
    crashes = models.PositiveSmallIntegerField(_("expired leases"))

    class Meta:
        verbose_name, verbose_name_plural = _("notice waiting for a bundled message"), _("notices waiting for one")
        indexes = [
            models.Index(fields=["not_before", "notice"], name="bundle_in_order"),
            models.Index(fields=["citizen", "notice"], name="bundle_of_citizen"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}"


BUNDLED = f"NEW.bundle_at IS NOT NULL AND NEW.crashes < {CRASHES_TOGETHER}"
TO_BUNDLES = (
    "DELETE FROM notifications_due WHERE notice_id = NEW.id;"
    " INSERT INTO notifications_bundleentry (notice_id, citizen_id, bundle_at, not_before, crashes)"
    " VALUES (NEW.id, NEW.citizen_id, NEW.bundle_at, NEW.not_before, NEW.crashes) ON CONFLICT (notice_id) DO UPDATE"
    " SET citizen_id = excluded.citizen_id, bundle_at = excluded.bundle_at, not_before = excluded.not_before,"
    " crashes = excluded.crashes;"
)
# Whichever statement claims or closes it, also one of a release that knows no bundles. Its condition is false for all
# notices that never waited for one.
LEFT_THE_BUNDLES = pgtrigger.Trigger(
    name="notice_queue_unbundled",
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition(
        "OLD.bundle_at IS NOT NULL AND OLD.state = 'ready' AND (NEW.state <> 'ready' OR NEW.bundle_at IS NULL"
        f" OR NEW.crashes >= {CRASHES_TOGETHER})"
    ),
    func="DELETE FROM notifications_bundleentry WHERE notice_id = OLD.id; RETURN NULL;",
)
