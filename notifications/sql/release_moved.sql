-- Release the notices of records that are about another person now: unsent ones are cancelled, and the causes of all
-- are freed.
--
-- Parameters
--   now                  timestamptz
-- and those of `records`
-- Fragments
--   records              which records
--   about                whether the record is about the person of the notice (notifications/models/record.py)
--   freed_cause          the freed form of a cause
--   locked               SKIP LOCKED, or nothing
-- Returns nothing.
WITH theirs_no_more AS MATERIALIZED (
    SELECT n.id FROM notifications_notice n JOIN notifications_record r ON r.id = n.record_id
    WHERE {records} AND n.not_theirs_at IS NULL AND NOT {about}
    ORDER BY n.id FOR UPDATE OF n {locked}
)
UPDATE notifications_notice n SET
    not_theirs_at = %(now)s,
    cause = {freed_cause},
    state = CASE WHEN n.state = 'ready' THEN 'cancelled' ELSE n.state END,
    reason = CASE WHEN n.state = 'ready' THEN 'another_person' ELSE n.reason END,
    finished_at = CASE WHEN n.state = 'ready' THEN %(now)s ELSE n.finished_at END
FROM theirs_no_more WHERE n.id = theirs_no_more.id
