import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from notifications.models.bundle import BUNDLED, LEFT_THE_BUNDLES, TO_BUNDLES

# Where so many of Celery's messages wait for a process, no deliverer of this queue is added, nor goes on: what else
# waits there (bundles, polls) would wait for ever more turns.
MOST_WAITING = 8


class QueueEntry(models.Model):
    """The queue of notices that wait to be claimed: one row for each notice in state "ready", and for no other.
    Those that wait for a bundled message are in a queue of their own (BundleEntry).

    A small table, so that queueing needs no index on the notice itself. Triggers on the notice maintain it; only the
    claim, which claims thousands, removes its own entries.
    """

    # Without a constraint in the database: the notice's own statement writes it.
    notice = models.OneToOneField(
        "Notice",
        models.CASCADE,
        primary_key=True,
        db_constraint=False,
        related_name="queue_entry",
        verbose_name=_("notice"),
    )
    urgent = models.BooleanField(_("urgent"))
    not_before = models.DateTimeField(_("not before"))
    crashes = models.PositiveSmallIntegerField(_("expired leases"))

    class Meta:
        db_table = "notifications_due"  # its name in the previous release, whose code writes it too
        verbose_name, verbose_name_plural = _("queue entry"), _("queue entries")
        indexes = [
            models.Index(fields=["urgent", "not_before", "notice"], condition=models.Q(crashes=0), name="due_in_order"),
            models.Index(fields=["not_before", "notice"], condition=models.Q(crashes__gt=0), name="due_suspects"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}"


QUEUE_TRIGGERS = [
    pgtrigger.Trigger(
        name="notice_queue_new",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="fresh"),  # type: ignore[no-untyped-call]
        func="INSERT INTO notifications_due (notice_id, urgent, not_before, crashes)"
        " SELECT id, urgent, not_before, crashes FROM fresh WHERE state = 'ready' ORDER BY id; RETURN NULL;",
    ),
    pgtrigger.Trigger(
        name="notice_queue_again",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "NEW.state = 'ready' AND (OLD.state, OLD.urgent, OLD.not_before, OLD.crashes, OLD.bundle_at)"
            " IS DISTINCT FROM (NEW.state, NEW.urgent, NEW.not_before, NEW.crashes, NEW.bundle_at)"
        ),
        func=f"IF {BUNDLED} THEN {TO_BUNDLES} RETURN NULL; END IF;"  # noqa: S608  (constants)
        " INSERT INTO notifications_due (notice_id, urgent, not_before, crashes)"
        " VALUES (NEW.id, NEW.urgent, NEW.not_before, NEW.crashes) ON CONFLICT (notice_id) DO UPDATE"
        " SET urgent = excluded.urgent, not_before = excluded.not_before, crashes = excluded.crashes; RETURN NULL;",
    ),
    pgtrigger.Trigger(
        name="notice_queue_over",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("OLD.state = 'ready' AND NEW.state NOT IN ('ready', 'sending')"),
        func="DELETE FROM notifications_due WHERE notice_id = OLD.id; RETURN NULL;",
    ),
    LEFT_THE_BUNDLES,
]
