-- Make notices: records × subscriptions × stages of the live version, where it is the stage's moment.
--
-- Joined as written, from the source outwards (notifications/matching/match_statements.py sets join_collapse_limit). A
-- cause is unique per record and person, so that matching again makes nothing twice (docs/adr/0073).
--
-- Parameters
--   now                  timestamptz
--   today                date        of `now` in Korea
--   grace                int         days that a stage on a date may come late
--   day_starts, day_ends time        the hours of people who have chosen none
--   notified             text[]      states in which a notice's person counts as notified
--   unnotified               boolean     also to people who have not been notified of the record yet
-- and those of the source
-- Fragments
--   listed               a list of what to match, `WITH source …`, or nothing
--   rows                 where a record `r` and `source.citizen_id` come from: that list, or the tables themselves
--   stages               which stages at all
--   moment, cause        when a stage is sent, and the end of its cause (notifications/matching/triggers.py)
--   day                  the day that a stage on a date hangs on, none of others
--   news_last, expiry    until when the notice is news
--   on_conflict          what happens to a cause that is there
-- Returns nothing; the row count is how many notices were made.
{listed}
INSERT INTO notifications_notice
    (record_id, citizen_id, stage_id, cause, record_version, urgent, state, reason, created_at, not_before, expires_at,
     fence, attempts, crashes, tried)
SELECT r.id, source.citizen_id, st.id,
    st.code || {cause},
    r.version, st.urgent, 'ready', '', %(now)s,
    greatest(%(now)s, (anchor.day + st.offset_days + st.send_at) AT TIME ZONE 'Asia/Seoul'),
    coalesce({news_last}, {expiry}), 0, 0, 0, '{}'
FROM {rows}
JOIN subscriptions_datatype dt ON dt.id = r.data_type_id
JOIN subscriptions_subscription s
    ON s.citizen_id = source.citizen_id AND s.data_type_id = r.data_type_id AND s.ended_at IS NULL
JOIN subscriptions_stage st ON st.version_id = dt.live_version_id
CROSS JOIN LATERAL (SELECT {day} AS day) anchor
WHERE {stages} AND {moment}
ORDER BY r.id
{on_conflict}
