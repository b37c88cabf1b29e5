"""The day that a stage `st` hangs on and the instant from which it is too late, as SQL over a record `r`."""

from subscriptions.specs import DATE_SLOTS

_COLUMNS = " ".join(f"WHEN {slot} THEN r.date_{slot}" for slot in DATE_SLOTS)
# Of a stage on a date. DAY is none for all others.
ANCHOR = f"CASE st.date_slot {_COLUMNS} END"
DAY = f"CASE WHEN st.trigger = 'date' THEN {ANCHOR} END"


def expiry(*, otherwise: str, stage: str = "st") -> str:
    """`otherwise`: the instant for stages that name no end of their own. `stage`: its alias."""
    return f"""
    CASE WHEN {stage}.expires_at_event AND r.happens_at IS NOT NULL THEN r.happens_at
         ELSE coalesce(
            ((CASE {stage}.expires_slot {_COLUMNS} END) + {stage}.expires_days + 1)::timestamp
                AT TIME ZONE 'Asia/Seoul',
            {otherwise})
    END
"""


def day_cause(day: str) -> str:
    """What follows the stage's code in the cause of a notice that hangs on a day."""
    return f"':' || {day}"
