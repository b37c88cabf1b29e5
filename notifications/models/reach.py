"""Count notices by what they came to: reached in time, late, or not, by the rule of their kind (docs/reach.md).

The outcome of a notice is a function of its own row and of its version's, which never changes once it is live: so that
the counts and the lists of notices behind them are the same. Triggers and the statement that ends deliveries write
changes, a task adds them up (notifications/operations/count_ended.py). Why so: docs/adr/0052-reach-by-a-rule.md.
"""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from secretary.kernel.row_titles import row_title
from secretary.kernel.time.clock import KST

BEGUN = "begun"
MADE, IN_TIME, LATE, ENOUGH, SHORT, DROPPED = "made", "in_time", "late", "enough", "short", "dropped"
OUTCOMES_OF_REACH = {
    IN_TIME: _("reached in time"),
    LATE: _("reached late"),
    ENOUGH: _("not reached, tried enough"),
    SHORT: _("not reached, not tried enough"),
    DROPPED: _("no longer needed"),
}
FIRST, OTHER = "first", "other"  # the channel that was tried first, or another one after it had failed
HOURS_URGENT, HOURS = 1, 24  # by default

# Of a notice `n`, its stage `s` and its version `v`. What has a mark in `tried` was moved behind
# other channels, and not tried.
TRIED = "(SELECT coalesce(string_agg(t, '+' ORDER BY t), '') FROM unnest(n.tried) t WHERE right(t, 1) <> '?')"
HAS_TRIED = "(SELECT count(*) FROM unnest(n.tried) t WHERE right(t, 1) <> '?')"
REACHED = "(n.state = 'delivered' OR n.state = 'cancelled' AND n.reason = 'already_delivered')"
NOT_REACHED = "(n.state IN ('failed', 'too_late') OR n.state = 'cancelled' AND n.reason = 'closed_by_staff')"
DAY_MADE = f"(n.created_at AT TIME ZONE '{KST.key}')::date"
# From when it was to be sent: its stage's hour, or that of the bundled message for a person in calm mode.
SENT_FROM = f"""coalesce(n.bundle_at, CASE WHEN s.trigger = 'date'
    THEN greatest(n.created_at, ({DAY_MADE} + s.send_at) AT TIME ZONE '{KST.key}') ELSE n.created_at END)"""
IN_TIME_UNTIL = f"""least(n.expires_at, {SENT_FROM} + make_interval(hours =>
    CASE WHEN v.reach_hours > 0 THEN v.reach_hours WHEN n.urgent THEN {HOURS_URGENT} ELSE {HOURS} END::int))"""
OUTCOME = f"""CASE
    WHEN {REACHED} THEN CASE WHEN n.finished_at <= {IN_TIME_UNTIL} THEN '{IN_TIME}' ELSE '{LATE}' END
    WHEN {NOT_REACHED} THEN CASE WHEN n.reason = 'all_channels_failed'
        OR v.reach_channels > 0 AND {HAS_TRIED} >= v.reach_channels THEN '{ENOUGH}' ELSE '{SHORT}' END
    WHEN n.state = 'cancelled' THEN '{DROPPED}' ELSE '' END"""
ARRIVED_BY = """(SELECT d.channel FROM notifications_delivery d WHERE d.notice_id = n.id AND d.state = 'delivered'
    ORDER BY d.finished_at, d.fence DESC LIMIT 1)"""
WAY = f"""CASE WHEN {REACHED}
        THEN CASE WHEN {TRIED} = '' THEN '{FIRST}' ELSE '{OTHER}' END || ':' || coalesce({{channel}}, '')
    WHEN {NOT_REACHED} THEN {TRIED} ELSE '' END"""
OF_VERSION = (
    "JOIN subscriptions_stage s ON s.id = n.stage_id JOIN subscriptions_datatypeversion v ON v.id = s.version_id"
)
# The same of a notice that was delivered just now, without a look at its stage where it is in time by any rule.
OUTCOME_OF_DELIVERED = f"""CASE
    WHEN n.bundle_at IS NULL AND n.finished_at <= least(n.expires_at,
        n.created_at + interval '{min(HOURS_URGENT, HOURS)} hour') THEN '{IN_TIME}'
    WHEN n.finished_at <= (SELECT {IN_TIME_UNTIL} FROM subscriptions_stage s
        JOIN subscriptions_datatypeversion v ON v.id = s.version_id WHERE s.id = n.stage_id) THEN '{IN_TIME}'
    ELSE '{LATE}' END"""  # noqa: S608  (constants)
WAY_OF_DELIVERED = f"""
    CASE WHEN n.tried = '{{}}' OR {TRIED} = '' THEN '{FIRST}' ELSE '{OTHER}' END || ':' || n.channel"""

COLUMNS = "(day, data_type_id, outcome, way, change, first_id, last_id)"
# For statements that end deliveries: their rows `notice` are what has just been delivered, each with its channel.
COUNT_DELIVERED = f"""INSERT INTO notifications_reachchange {COLUMNS}
    SELECT n.day, v.data_type_id, n.outcome, n.way, sum(n.notices), min(n.first_id), max(n.last_id)
    FROM (
        SELECT n.stage_id, {DAY_MADE} AS day, {OUTCOME_OF_DELIVERED} AS outcome,
            {WAY_OF_DELIVERED} AS way, count(*) AS notices,
            min(n.id) AS first_id, max(n.id) AS last_id
        FROM notice n WHERE n.state = 'delivered' GROUP BY 1, 2, 3, 4
    ) n {OF_VERSION} GROUP BY 1, 2, 3, 4"""  # noqa: S608  (constants)
REACH_TRIGGERS = [
    pgtrigger.Trigger(
        name="notice_reach_made",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        level=pgtrigger.Statement,
        referencing=pgtrigger.Referencing(new="fresh"),  # type: ignore[no-untyped-call]
        # Added up by the moment first, one for all that a statement makes: its day and its kind are found once.
        func=f"INSERT INTO notifications_reachchange {COLUMNS} SELECT {DAY_MADE}, v.data_type_id, '{MADE}', '',"  # noqa: S608  (constants)
        " sum(n.notices), min(n.first_id), max(n.last_id) FROM (SELECT stage_id, created_at, count(*) AS notices,"
        f" min(id) AS first_id, max(id) AS last_id FROM fresh GROUP BY 1, 2) n {OF_VERSION} GROUP BY 1, 2;"
        " RETURN NULL;",
    ),
    # Whatever ends a notice undelivered, one row each. Those that are delivered, a hundred times as many, are counted
    # together by the statement that ends their deliveries (notifications/sql/apply_outcomes.sql).
    pgtrigger.Trigger(
        name="notice_reach_ended",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            "NEW.state IN ('failed', 'too_late', 'cancelled') AND OLD.state IS DISTINCT FROM NEW.state"
        ),
        func=f"INSERT INTO notifications_reachchange {COLUMNS} SELECT {DAY_MADE}, v.data_type_id, {OUTCOME},"  # noqa: S608
        f" {WAY.format(channel=ARRIVED_BY)}, 1, n.id, n.id FROM (SELECT NEW.*) n {OF_VERSION}; RETURN NULL;",
    ),
]


class _Reach(models.Model):
    day = models.DateField(_("day on which it was made (KST)"))
    data_type = models.ForeignKey(
        "subscriptions.DataType",
        models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("data type"),
    )
    outcome = models.CharField(_("outcome"), max_length=10)
    # "first:sms": the channel that it arrived by; "kakaotalk+sms": those that were tried in vain.
    way = models.CharField(_("way"), max_length=60, blank=True, default="")
    # The notices that are counted here lie between these two.
    first_id = models.BigIntegerField(_("first notice"))
    last_id = models.BigIntegerField(_("last notice"))

    class Meta:
        abstract = True


class ReachChange(_Reach):
    """So many notices more: written where notices are made and end, and added up within a minute. Only inserted and
    removed, so that workers never wait for each other here."""

    change = models.IntegerField(_("change"))

    class Meta:
        verbose_name, verbose_name_plural = _("uncounted outcome"), _("uncounted outcomes")

    def __str__(self) -> str:
        return row_title(self)


class ReachDay(_Reach):
    """How many notices of one day and kind came to this. It names no person: an erasure changes none.

    A row with the outcome BEGUN and no kind holds the first day that is counted as a whole.
    """

    count = models.BigIntegerField(_("notices"))

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("outcomes of a day"), _("outcomes by the day")
        constraints = [
            models.UniqueConstraint(fields=["day", "data_type", "outcome", "way"], name="reach_day_once"),
        ]

    def __str__(self) -> str:
        return row_title(self)
