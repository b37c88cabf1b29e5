"""TRIGGER: define the meaning of each stage's trigger, as SQL over a record `r` and its stage `st`: one row each.

MOMENT and CAUSE make notices (match.py), SETTLED and SUPERSEDED close those that are not true any more (claim.py), and
OVER_ONCE_PAID those that a payment ends (mark_paid.py). Rules that need no SQL are in subscriptions/triggers.py.

Aliases besides: `source.citizen_id` the person and `dt` the data type while matching, `n` the notice in a claim, and
`anchor.day` the day of a stage on a date.
"""

from dataclasses import dataclass

from notifications.matching.news import (
    CHANGE,
    CHANGED,
    ENDED,
    EVENT,
    EVENT_HOLDS,
    EVENT_WAITS,
    HAPPENED,
    LIFE,
    MAY_CHANGE,
    NOTIFIED_ALREADY,
    NOTIFIED_OF,
    OF_THE_EVENT,
    OPENED,
    REOPENED,
)
from notifications.matching.stage_dates import day_cause
from secretary.kernel.database.sql import sql_list
from subscriptions.triggers import REOPENED as OPEN_AGAIN
from subscriptions.triggers import SAY_END, holding_in


@dataclass(frozen=True, slots=True)
class Meaning:
    """One trigger. A condition that is NULL (a date that the record lacks, or no notice yet) does not hold."""

    moment: str  # the person must be notified of it now
    cause: str  # the part of the notice's cause after the code of its stage
    settled: str = "false"  # the record is past it
    superseded: str = "false"  # a newer or clearer notice replaces it
    yields: bool = False  # a waiting notice of the record's event replaces it too


# ON CONFLICT would do, but uses a sequence number for each row that it skips: a scan every few minutes wastes millions.
_MADE = f"""
    SELECT 1 FROM notifications_notice m WHERE m.record_id = r.id AND m.citizen_id = source.citizen_id
    AND m.cause = st.code || {day_cause("anchor.day")} OFFSET 0
"""  # noqa: S608  (constants)
_DATED = f"""
    r.state = ANY(st.states)
        AND anchor.day + st.offset_days BETWEEN %(today)s - %(grace)s AND %(today)s
        AND NOT EXISTS ({_MADE})
        AND NOT ({NOTIFIED_ALREADY})
"""
# notify_former.py makes the notices of a record that is about another person, and no moment of the record.
MEANINGS = {
    "opened": Meaning(
        OPENED, LIFE, settled="r.state <> 'open'", superseded=f"r.event <> 'opened' AND EXISTS ({OF_THE_EVENT})"
    ),
    "event": Meaning(HAPPENED, EVENT, settled=f"NOT ({EVENT_HOLDS})", superseded="r.event <> st.event"),
    "changed": Meaning(
        CHANGED, CHANGE, settled=f"NOT {MAY_CHANGE}", superseded=f"n.cause <> st.code || {CHANGE}", yields=True
    ),
    OPEN_AGAIN: Meaning(REOPENED, LIFE, settled="r.state <> 'open'", yields=True),
    **dict.fromkeys(SAY_END, Meaning(ENDED, LIFE, superseded="r.state <> st.trigger")),
    "date": Meaning(
        _DATED,
        day_cause("anchor.day"),
        settled="r.state <> ALL(st.states)",
        superseded=f"n.cause <> st.code || {day_cause('anchor.day')}",
    ),
}


def _each(part: str) -> str:
    """Return a column of the table as one CASE over the trigger of the stage."""
    triggers_of: dict[str, list[str]] = {}
    for trigger, meaning in MEANINGS.items():
        triggers_of.setdefault(getattr(meaning, part), []).append(trigger)
    cases = [f"WHEN st.trigger IN {sql_list(some)} THEN {sql}" for sql, some in triggers_of.items() if sql != "false"]
    return "\n".join(["CASE", *cases, "END"])


_NOTIFIED_OF_IT = f"(NOT st.told_only OR %(unnotified)s OR EXISTS ({NOTIFIED_OF} OFFSET 0))"
# In this order: earlier notices of the record are looked up only where it is the stage's moment. A correction has
# looked them up itself.
MOMENT = f"""
CASE WHEN ({_each("moment")}) IS NOT TRUE THEN false
     WHEN st.trigger = 'changed' THEN true
     ELSE {_NOTIFIED_OF_IT} END
"""
# For the scan of one stage on a date: conditions of other triggers are not planned either.
MOMENT_ON_A_DATE = f"st.trigger = 'date' AND {_DATED} AND {_NOTIFIED_OF_IT}"
CAUSE = _each("cause")
SETTLED = _each("settled")
_YIELDING = sql_list(trigger for trigger, meaning in MEANINGS.items() if meaning.yields)
SUPERSEDED = f"({_each('superseded')} OR st.trigger IN {_YIELDING} AND EXISTS ({EVENT_WAITS}))"
# Triggers that still send notices of a record which the agency has withdrawn.
OF_WITHDRAWN = sql_list(holding_in("withdrawn"))
_WHILE_OPEN = sql_list(holding_in("open", but_not_in="paid"))
OVER_ONCE_PAID = f"(st.trigger IN {_WHILE_OPEN} OR st.trigger = 'date' AND 'paid' <> ALL(st.states))"
