-- Let the next claim decide anew about notices that are held back (for a bundled message, for the person's hours, by a
-- pause of reminders, a stopped template or a paused channel), of records that have changed since.
--
-- A record's day may be near by now, or its news be over: then no page may go on saying that the notice waits. The claim
-- holds each back once more where it may still wait. What waits for another try is not touched.
--
-- Parameters
--   batches              bigint[]    of records, matched in the same transaction
--   now                  timestamptz
-- Returns nothing.
WITH held AS MATERIALIZED (
    SELECT n.id FROM notifications_record r JOIN notifications_notice n ON n.record_id = r.id
    WHERE r.batch_id = ANY(%(batches)s) AND r.first_seen_at < r.received_at -- a new record has no older notices
      AND n.state = 'ready' AND (n.bundle_at > %(now)s OR n.not_before > %(now)s
          AND n.reason IN ('quiet_hours', 'objection', 'wording_stopped', 'channel_paused'))
    ORDER BY n.id FOR UPDATE OF n SKIP LOCKED -- another worker that holds the row is sending or closing it
)
UPDATE notifications_notice n SET bundle_at = NULL, not_before = %(now)s, reason = '' FROM held WHERE n.id = held.id
