"""The day that a stage `st` hangs on and the instant from which it is too late, as SQL over a record `r`."""

ANCHOR = "CASE st.date_slot WHEN 1 THEN r.date_1 WHEN 2 THEN r.date_2 WHEN 3 THEN r.date_3 WHEN 4 THEN r.date_4 END"


def expiry(*, otherwise: str) -> str:
    """`otherwise`: the instant for stages that name no end of their own."""
    return f"""
    CASE WHEN st.expires_at_event AND r.happens_at IS NOT NULL THEN r.happens_at
         ELSE coalesce(
            ((CASE st.expires_slot WHEN 1 THEN r.date_1 WHEN 2 THEN r.date_2 WHEN 3 THEN r.date_3
                                   WHEN 4 THEN r.date_4 END) + st.expires_days + 1)::timestamp
                AT TIME ZONE 'Asia/Seoul',
            {otherwise})
    END
"""
