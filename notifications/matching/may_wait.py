"""CALM MODE: define which notices may wait for their person's bundled message, and until when (docs/adr/0043).

The one place that says so, as SQL for the claim: beside a notice `n`, its stage `st`, record `r` and person `c`, with
`hours` (today and the clock in Korea) and `anchor.day` (the day of a stage on a date). The claim of people without calm
mode holds nothing of it but MAY_WAIT: planning and starting the rest cost it 4.5 ms for each connection.
"""

from notifications.matching.may_send import FROM, within_hours

# The hour of the bundled message: a little after the person's hour, so that what becomes due at the hour itself is in
# it; at the beginning of the person's hours where they exclude it. NULL where those are shorter than that little.
_GATHER = "make_interval(secs => %(calm_gather)s)"
_CHOSEN, _OPENING = f"(coalesce(c.calm_at, %(calm_at)s) + {_GATHER})", f"({FROM} + {_GATHER})"

CLOCK = f"CASE WHEN {within_hours(_CHOSEN)} THEN {_CHOSEN} WHEN {within_hours(_OPENING)} THEN {_OPENING} END"
# From today until the next one.
DAYS_UNTIL = """
    CASE WHEN c.calm = 'daily' THEN (hours.clock >= bundle.clock)::int
         ELSE (c.calm_weekday - extract(isodow FROM hours.today)::int + 7) %% 7
            + CASE WHEN c.calm_weekday = extract(isodow FROM hours.today) AND hours.clock >= bundle.clock
                   THEN 7 ELSE 0 END END
"""
# The record's next day, whichever of its dates it is. Of an open debt whose days are all over every day counts.
_AHEAD = ", ".join(f"CASE WHEN r.date_{slot} >= hours.today THEN r.date_{slot} END" for slot in (1, 2, 3, 4))
_HAPPENS = "(r.happens_at AT TIME ZONE 'Asia/Seoul')::date"
_NEXT_DAY = f"""
    coalesce(
        least({_AHEAD}, CASE WHEN {_HAPPENS} >= hours.today THEN {_HAPPENS} END),
        CASE WHEN r.state = 'open' AND EXISTS (
            SELECT 1 FROM subscriptions_datatype dt WHERE dt.id = r.data_type_id AND dt.payable <> '')
        THEN date '-infinity' ELSE date 'infinity' END)
"""  # noqa: S608  (constants)
# A reminder never leaves its own day, and one of the day itself never waits. A receipt of something that is done leaves
# nothing to act on in time. All other news go out while there is time to act. News that was another person's: at once.
_IN_TIME = f"""
    CASE WHEN st.trigger = 'not_yours' THEN false
         WHEN st.trigger = 'date' THEN st.offset_days <> 0 AND next.day = anchor.day + st.offset_days
         WHEN st.trigger IN ('paid', 'completed') THEN true
         ELSE {_NEXT_DAY} >= next.day + %(calm_days_left)s END
"""
# A stage without an end of its own gets its seven days from the bundled message on; of any other, there must be time
# for the person's next channel.
NO_END = "(st.expires_slot IS NULL AND NOT st.expires_at_event)"
# What was made before calm mode was switched on is not held back, nor what was sent before.
MAY_WAIT = "c.calm <> 'none' AND n.bundle_at IS NULL AND n.fence = 0 AND NOT n.urgent AND n.created_at >= c.calm_since"
# When the notice's bundled message goes out; NULL where it may not wait.
BUNDLE_AT = f"""
    CASE WHEN {MAY_WAIT} THEN (
        SELECT next.at FROM (
            SELECT next_day.day, (next_day.day + bundle.clock) AT TIME ZONE 'Asia/Seoul' AS at
            FROM (SELECT {CLOCK} AS clock) bundle
            CROSS JOIN LATERAL (SELECT hours.today + {DAYS_UNTIL} AS day) next_day
        ) next
        WHERE {_IN_TIME} AND ({NO_END} OR next.at + interval '2 hours' <= n.expires_at)
    ) END
"""  # noqa: S608  (constants)
