-- Make the notices to former subjects that a record was not about them.
--
-- Parameters
--   now                  timestamptz
--   notified             text[]      states in which a notice's person counts as notified
-- and those of `former`
-- Fragments
--   former               the former subjects who may have been notified (notifications/matching/notify_former.py)
-- Returns nothing; the row count is how many notices were made.
INSERT INTO notifications_notice
    (record_id, citizen_id, stage_id, cause, record_version, urgent, state, reason, created_at, not_before, expires_at,
     fence, attempts, crashes, tried, not_theirs_at)
SELECT r.id, former.citizen_id, st.id, st.code || ':v' || r.version, r.version, st.urgent, 'ready', '', %(now)s,
    %(now)s, %(now)s + interval '7 days', 0, 0, 0, '{}', %(now)s
{former} AND st.id IS NOT NULL ORDER BY r.id
ON CONFLICT (record_id, citizen_id, cause) DO NOTHING
