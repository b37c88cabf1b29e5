"""Define the audit trail and the table of scheduled runs."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title

APPEND_ONLY = pgtrigger.Update | pgtrigger.Delete


def _refuses_truncate(name: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'the audit trail is append-only';",
    )


class AuditEvent(models.Model):
    """Which actor did or saw what, about which citizen, and why. Append-only; written without any lock, sealed
    afterwards (AuditLink). Lines whose time is over are removed by a function of the owner (docs/adr/0044).

    `actor` is "citizen", "system", "agency:knpa", "official:12" or "staff:3"; nothing here is personal data. The
    database itself sets `id` and `written_at`, and queues the row for sealing (migration 0002, which also explains the
    table's columns `previous_hash` and `hash`: the chain of lines written before it).
    """

    at = models.DateTimeField(_("event time"))
    actor = models.CharField(_("actor"), max_length=60)
    action = models.CharField(_("action"), max_length=60)
    citizen_id = models.UUIDField(_("person concerned"), null=True, blank=True)
    object = models.CharField(_("object"), max_length=120, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    written_at = models.DateTimeField(_("written"), null=True, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("audit event"), _("audit trail")
        permissions = [("export_auditevent", "Can export lines of the audit trail")]
        indexes = [
            models.Index(fields=["citizen_id", "id"], name="audit_citizen"),
            # What auditors look for (secretary/kernel/audit/find_lines.py), newest first.
            models.Index(fields=["at", "id"], name="audit_at"),
            models.Index(fields=["actor", "at", "id"], name="audit_actor"),
            models.Index(fields=["action", "at", "id"], name="audit_action"),
            models.Index(fields=["object", "at", "id"], condition=~models.Q(object=""), name="audit_object"),
            # Which rows of a person went into another one, for their erasure; a few lines of the trail.
            models.Index(fields=["object"], condition=models.Q(action="citizen.merged"), name="audit_merged"),
            # What officials did in a month, and the entries that an office has passed on or taken over.
            models.Index(
                fields=["actor", "at"], condition=models.Q(actor__startswith="official:"), name="audit_official"
            ),
            models.Index(
                fields=["object"],
                condition=models.Q(action="registration.moved"),
                opclasses=["varchar_pattern_ops"],
                name="audit_moved",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="audit_append_only", operation=APPEND_ONLY),
            _refuses_truncate("audit_no_truncate"),
        ]

    def __str__(self) -> str:
        return row_title(self)


class AuditLink(models.Model):
    """The seal of one event: a hash over all of it and over the seal before. Written by one linker at a time; it stays
    when the event is removed.

    Position 0, where there is one, is the last line of the chain that was written before migration 0002.
    """

    application_rights = frozenset({"SELECT"})  # written by `common_link_audit`, with its owner's rights

    position = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditEvent, models.DO_NOTHING, related_name="link", db_constraint=False)
    previous_hash = models.BinaryField(editable=False)
    hash = models.BinaryField(editable=False)
    linked_at = models.DateTimeField(_("linked"))

    class Meta:
        ordering = ["-position"]
        verbose_name, verbose_name_plural = _("seal"), _("seals of the audit trail")
        triggers = [
            pgtrigger.Protect(name="audit_link_append_only", operation=APPEND_ONLY),
            _refuses_truncate("audit_link_no_truncate"),
        ]

    def __str__(self) -> str:
        return f"{self.position}"


class AuditPending(models.Model):
    """An event that is not sealed yet. Filled and emptied by functions of the database's owner alone."""

    application_rights = frozenset({"SELECT"})

    event_id = models.BigIntegerField(primary_key=True)

    class Meta:
        verbose_name, verbose_name_plural = _("audit line to be sealed"), _("audit lines to be sealed")

    def __str__(self) -> str:
        return f"{self.event_id}"


class AuditEnd(models.Model):
    """How far the lines of the trail have ended, for each rule of what ends when (secretary/ops/retention.py)."""

    rule = models.CharField(_("rule"), max_length=20, primary_key=True)
    after = models.BigIntegerField(_("after line"), default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("end of the audit trail"), _("ends of the audit trail")

    def __str__(self) -> str:
        return row_title(self)


class LookReport(models.Model):
    """Who looked at whom in one month of Korea, by the trail; made once, on the first of the next month."""

    month = models.DateField(_("month"), unique=True)  # its first day
    made_at = models.DateTimeField(_("made"))
    members = models.IntegerField(_("members of staff"), default=0)
    looks = models.IntegerField(_("accesses"), default=0)
    marked = models.IntegerField(_("standing out"), default=0)  # members with at least one mark

    class Meta:
        ordering = ["-month"]
        verbose_name, verbose_name_plural = _("monthly report of accesses"), _("monthly reports of accesses")

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class _Accesses(models.Model):
    """Lines of the trail by one member of staff about people. `revealed`: in clear; `unexplained`: that without a
    reason; `refused`: tries to open what is another office's. `marks`: the rules that they met (report_looks.py)."""

    report = models.ForeignKey(LookReport, models.CASCADE, related_name="+", verbose_name=_("report"))
    actor = models.CharField(_("actor"), max_length=60)
    looks = models.IntegerField(_("accesses"))
    revealed = models.IntegerField(_("in clear"))
    unexplained = models.IntegerField(_("in clear without a reason"))
    out_of_hours = models.IntegerField(_("out of hours"))
    refused = models.IntegerField(_("refused: another office's"))
    marks = ArrayField(models.CharField(max_length=20), verbose_name=_("standing out"), default=list)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return row_title(self)


class LookReportMember(_Accesses):
    """What one member of staff did in a month, over all people."""

    people = models.IntegerField(_("people"))

    class Meta:
        ordering = ["report", "actor"]
        verbose_name, verbose_name_plural = _("accesses of one member of staff"), _("accesses by member of staff")
        constraints = [models.UniqueConstraint(fields=["report", "actor"], name="look_report_member_once")]


class LookReportLine(_Accesses):
    """What one member of staff did in a month about one person, who stands here by number only, as on the trail. The
    reasons that were stated stay on the trail and are read from there."""

    citizen_id = models.UUIDField(_("person concerned"))
    days = models.IntegerField(_("on days"))

    class Meta:
        ordering = ["report", "actor", "id"]
        verbose_name, verbose_name_plural = _("accesses to one person"), _("accesses by person")
        constraints = [models.UniqueConstraint(fields=["report", "actor", "citizen_id"], name="look_report_line_once")]


class ScheduledRun(models.Model):
    """One run of one scheduled job. Unique, so that two schedulers are harmless."""

    name = models.CharField(_("job"), max_length=40)
    due_at = models.DateTimeField(_("due"))
    started_at = models.DateTimeField(_("started"))

    class Meta:
        db_table = "common_tick"  # its name in the release before, whose schedulers write it beside ours
        ordering = ["-due_at"]
        verbose_name, verbose_name_plural = _("scheduled run"), _("scheduled runs")
        constraints = [models.UniqueConstraint(fields=["name", "due_at"], name="tick_once")]

    def __str__(self) -> str:
        return row_title(self)
