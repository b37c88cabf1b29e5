"""The day that a stage `st` hangs on and the instant from which it is too late, as SQL over a record `r`."""

ANCHOR = "CASE st.date_slot WHEN 1 THEN r.date_1 WHEN 2 THEN r.date_2 WHEN 3 THEN r.date_3 WHEN 4 THEN r.date_4 END"


def expiry(*, otherwise: str, stage: str = "st") -> str:
    """`otherwise`: the instant for stages that name no end of their own. `stage`: its alias."""
    return f"""
    CASE WHEN {stage}.expires_at_event AND r.happens_at IS NOT NULL THEN r.happens_at
         ELSE coalesce(
            ((CASE {stage}.expires_slot WHEN 1 THEN r.date_1 WHEN 2 THEN r.date_2 WHEN 3 THEN r.date_3
                                   WHEN 4 THEN r.date_4 END) + {stage}.expires_days + 1)::timestamp
                AT TIME ZONE 'Asia/Seoul',
            {otherwise})
    END
"""
