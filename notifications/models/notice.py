import re

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from notifications.models.queue_entry import QUEUE_TRIGGERS
from notifications.models.reach import REACH_TRIGGERS
from notifications.states import NOTICE_MOVES, RELEASABLE_SQL
from secretary.kernel.database.transitions import moves_only_forward
from secretary.kernel.row_titles import row_title

VERSION, FREED = re.compile(r"v\d+"), re.compile(r"x\d+")
OUTCOMES = {
    "ready": _("waiting"),
    "sending": _("on its way"),
    "unknown": _("being checked"),
    "review": _("needs review"),
    "delivered": _("delivered"),
    "failed": _("failed"),
    "cancelled": _("not sent"),
    "too_late": _("closed as too late"),
}


REASONS = {
    "erased": _("the person's data was erased"),
    "unsubscribed": _("the person does not want these notices any more"),
    "consent_withdrawn": _("the person withdrew the consent"),
    "another_person": _("the record is about another person now"),
    "already_told": _("the person was notified before, under another entry"),
    "already_delivered": _("it had arrived already"),
    "withdrawn_by_agency": _("the agency withdrew the record"),
    "settled": _("the record is settled"),
    "superseded": _("replaced by a newer notice"),
    "too_late": _("it would come too late"),
    "objection": _("waiting: the person has paused reminders of the record"),
    "calm": _("waiting for the person's bundled message"),
    "quiet_hours": _("waiting: outside of the sending hours"),
    "no_channel": _("the person chose no channel that can carry it"),
    "all_channels_failed": _("it failed on every channel"),
    "wording_stopped": _("waiting: the message template is stopped"),
    "channel_paused": _("waiting: the channel is paused"),
    "gateway_silent": _("it is unknown whether it arrived"),
    "lease_expired": _("its worker was lost"),
    "cannot_compose": _("the message could not be composed"),
    "resent": _("resent manually"),
    "closed_by_staff": _("closed manually"),
}

# The same table as in states.py. Checked by statements that name the column, so that no other pays for it.
RELEASED_ONCE = pgtrigger.Trigger(
    name="notice_released_once",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("released_at"),  # type: ignore[no-untyped-call]
    condition=pgtrigger.Condition(
        "OLD.released_at IS DISTINCT FROM NEW.released_at"
        f" AND (OLD.released_at IS NOT NULL OR (OLD.state, OLD.reason) NOT IN ({RELEASABLE_SQL}))"
    ),
    func="RAISE EXCEPTION 'a notice that is % (%) gives no cause back', OLD.state, OLD.reason"
    " USING ERRCODE = 'check_violation';",
)

# By every way into "failed". Only adds rows, which wait for no other (subscriptions/models/unreached.py).
ADDS_UNREACHED = pgtrigger.Trigger(
    name="notice_adds_unreached",
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition("OLD.state <> 'failed' AND NEW.state = 'failed'"),
    func="INSERT INTO subscriptions_unreached (citizen_id, at, reason, notice_id)"
    " VALUES (NEW.citizen_id, coalesce(NEW.finished_at, now()), NEW.reason, NEW.id); RETURN NULL;",
)


class Notice(models.Model):
    """One notice to one person: a record, a stage, and the occasion.

    `cause` is the stage's code with the anchor date or record version where it matters: "due_soon:2026-04-02". The
    cause is freed ("issued:x17") when the record is about another person, and when an undelivered notice may be made
    again (`released_at`).
    """

    # Without constraints in the database: the statement that makes notices reads both rows; a trigger protects a
    # record with notices from deletion, and consents protect a person. Locking and looking up both again for every
    # notice at commit cost a third of making it (docs/adr/0034).
    record = models.ForeignKey(
        "Record",
        models.PROTECT,
        related_name="notices",
        db_index=False,
        db_constraint=False,
        verbose_name=_("record"),
    )
    citizen = models.ForeignKey(
        "subscriptions.Citizen",
        models.CASCADE,
        related_name="notices",
        db_index=False,
        db_constraint=False,
        verbose_name=_("citizen"),
    )
    stage = models.ForeignKey(
        "subscriptions.Stage",
        models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="notices",
        verbose_name=_("stage"),
    )
    cause = models.CharField(_("cause"), max_length=50)
    record_version = models.PositiveIntegerField(_("record version"))
    # The announced fields that it was sent with: `Record.announce_digest` at that moment.
    told_digest = models.BinaryField(max_length=16, null=True, editable=False)
    urgent = models.BooleanField(_("urgent"), default=False)
    state = models.CharField(_("state"), max_length=10, default="ready")
    reason = models.CharField(_("reason"), max_length=40, blank=True, default="")
    created_at = models.DateTimeField(_("created"))
    not_before = models.DateTimeField(_("not before"))
    expires_at = models.DateTimeField(_("expires"))
    # Calm mode: the bundled message that it waits for, or was sent with. Set by the claim, once (docs/adr/0043).
    bundle_at = models.DateTimeField(_("bundled message at"), null=True, blank=True)
    # A number that grows with each claim, so that a late worker cannot write.
    fence = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts on this channel"), default=0)
    crashes = models.PositiveSmallIntegerField(_("expired leases"), default=0)
    tried = ArrayField(models.CharField(max_length=20), verbose_name=_("failed channels"), default=list)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    # The record is not about this person (any more): it is not sent, and does not count as notified.
    not_theirs_at = models.DateTimeField(_("not about this person since"), null=True, blank=True)
    # It ended undelivered and the reason may be gone: another notice replaces it if still true (make_again.py).
    released_at = models.DateTimeField(_("may be notified again since"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("notice"), _("notices")
        constraints = [
            models.UniqueConstraint(fields=["record", "citizen", "cause"], name="notice_once_per_cause"),
            models.CheckConstraint(condition=models.Q(state__in=list(NOTICE_MOVES)), name="notice_state"),
        ]
        # No changing column is indexed, so that a change writes the row and no index (PostgreSQL's HOT): a third of
        # the cost. Notices that must be found by their state are in a table of their own, models/queue_entry.py.
        indexes = [models.Index(fields=["citizen", "-id"], name="notice_of_citizen")]
        triggers = [moves_only_forward("notice_moves", NOTICE_MOVES, of_many=True), RELEASED_ONCE, ADDS_UNREACHED]
        triggers += [*QUEUE_TRIGGERS, *REACH_TRIGGERS]

    def __str__(self) -> str:
        return row_title(self)

    @property
    def reason_words(self) -> str:
        """Return the reason of the state, for staff; a gateway's code ("sms:30003") as it is (admin/code_words.py)."""
        return str(REASONS.get(self.reason, self.reason))

    @property
    def cause_words(self) -> str:
        """Return the stage's label and the occasion, in the reader's language: "Due soon, 2026-04-02"."""
        label = self.stage.label_en if get_language() == "en" else self.stage.label_ko
        return ", ".join([label, *map(_occasion, self.cause.split(":")[1:])])


def _occasion(part: str) -> str:
    """Word one part of a cause behind its stage: a version ("v3"), the mark of a freed one ("x17"), or a day."""
    if VERSION.fullmatch(part):
        return str(_("version %s of the record") % part[1:])
    return str(_("given free")) if FREED.fullmatch(part) else part
