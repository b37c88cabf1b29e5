"""Build SQL over a record `r`: the day of its stage `st`, and the instant from which the stage is too late."""

from subscriptions.specs import DATE_SLOTS

_COLUMNS = " ".join(f"WHEN {slot} THEN r.date_{slot}" for slot in DATE_SLOTS)
# For stages on a date. DAY is NULL for all others.
ANCHOR = f"CASE st.date_slot {_COLUMNS} END"
DAY = f"CASE WHEN st.trigger = 'date' THEN {ANCHOR} END"

# The next day of an open record, as of the delivery `d`; none of a sensitive kind `v`, whose days are the person's own.
NEXT_DAY = f"""
CASE WHEN r.state = 'open' AND NOT v.sensitive THEN (
    SELECT min(each) FROM unnest(ARRAY[{", ".join(f"r.date_{slot}" for slot in DATE_SLOTS)}]) each WHERE each >= d.day
) END
"""  # noqa: S608  (constants)


def expiry(*, otherwise: str, stage: str = "st") -> str:
    """Return the SQL of the end. `otherwise`: the instant for stages that have none. `stage`: its alias."""
    return f"""
    CASE WHEN {stage}.expires_at_event AND r.happens_at IS NOT NULL THEN r.happens_at
         ELSE coalesce(
            ((CASE {stage}.expires_slot {_COLUMNS} END) + {stage}.expires_days + 1)::timestamp
                AT TIME ZONE 'Asia/Seoul',
            {otherwise})
    END
"""


def day_cause(day: str) -> str:
    """Return the part of a cause after the stage's code, for a stage on a date."""
    return f"':' || {day}"
