"""The audit trail and the ledger of ticks."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

AUDIT_HASH = """sha256(NEW.previous_hash || convert_to(jsonb_build_array(NEW.id, extract(epoch FROM NEW.at), NEW.actor,
        NEW.action, NEW.citizen_id, NEW.object, NEW.reason)::text, 'UTF8'))"""
# Writers take turns: the link is to the last event that is committed or being committed.
CHAIN = f"""
    PERFORM pg_advisory_xact_lock(7302026);
    SELECT a.hash INTO NEW.previous_hash FROM common_auditevent a ORDER BY a.id DESC LIMIT 1;
    NEW.previous_hash := coalesce(NEW.previous_hash, ''::bytea);
    NEW.id := nextval(pg_get_serial_sequence('common_auditevent', 'id'));
    NEW.hash := {AUDIT_HASH};
    RETURN NEW;
"""  # noqa: S608  (a constant)


class AuditEvent(models.Model):
    """Who did or saw what, about whom, and why. Append-only and hash-chained by triggers.

    `actor` is "citizen", "system", "agency:knpa", "official:12" or "staff:3"; nothing here is personal data.
    """

    at = models.DateTimeField(_("at"))
    actor = models.CharField(_("who"), max_length=60)
    action = models.CharField(_("what"), max_length=60)
    citizen_id = models.UUIDField(_("about whom"), null=True, blank=True)
    object = models.CharField(_("of what"), max_length=120, blank=True, default="")
    reason = models.CharField(_("why"), max_length=200, blank=True, default="")
    previous_hash = models.BinaryField(editable=False, default=b"")
    hash = models.BinaryField(editable=False, default=b"")

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("audit event"), _("audit trail")
        indexes = [models.Index(fields=["citizen_id", "id"], name="audit_citizen")]
        triggers = [
            pgtrigger.Trigger(name="audit_chain", when=pgtrigger.Before, operation=pgtrigger.Insert, func=CHAIN),
            pgtrigger.Protect(name="audit_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="audit_no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'the audit trail is append-only';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action}"


class Tick(models.Model):
    """One run of one scheduled job. Unique, so that two schedulers are harmless."""

    name = models.CharField(_("job"), max_length=40)
    due_at = models.DateTimeField(_("due"))
    started_at = models.DateTimeField(_("started"))

    class Meta:
        ordering = ["-due_at"]
        verbose_name, verbose_name_plural = _("tick"), _("ticks")
        constraints = [models.UniqueConstraint(fields=["name", "due_at"], name="tick_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.due_at:%Y-%m-%d %H:%M:%S}"
