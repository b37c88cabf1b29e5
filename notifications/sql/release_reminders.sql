-- Free the cause of the newest reminder of a date that no channel delivered.
--
-- Of several reminders of one date the newest, where none was delivered since; and before the day itself none for a
-- person who is about to be notified of the record for the first time.
--
-- Parameters
--   subscriptions        bigint[]    whose persons may be reached now
--   now                  timestamptz
-- Fragments
--   theirs               the notices of these subscriptions' persons
--   unnotified, in_time      whether a notice ended undelivered, and whether it is still in time
--   anchor               the day of the stage
--   day_cause            the end of such a stage's cause (notifications/matching/stage_dates.py)
--   freed_cause          notifications/matching/notify_former.py
-- Returns the record, the person, the code of the stage and the day.
WITH mine AS MATERIALIZED (
    SELECT n.id, n.record_id, n.citizen_id, st.code, st.date_slot, st.offset_days, {anchor} AS day,
        {unnotified} AND {in_time} AS unnotified
    {theirs} AND st.trigger = 'date' AND n.not_theirs_at IS NULL AND n.cause = st.code || {day_cause}
), newest AS (
    SELECT DISTINCT ON (record_id, citizen_id, date_slot) * FROM mine
    ORDER BY record_id, citizen_id, date_slot, offset_days DESC, id DESC
), again AS MATERIALIZED (
    SELECT n.id, newest.code, newest.day FROM newest JOIN notifications_notice n ON n.id = newest.id
    WHERE newest.unnotified AND NOT (newest.offset_days < 0 AND EXISTS (
        SELECT 1 FROM notifications_notice f JOIN subscriptions_stage fs ON fs.id = f.stage_id
        WHERE f.record_id = newest.record_id AND f.citizen_id = newest.citizen_id AND f.state = 'ready'
          AND fs.trigger <> 'date'))
    ORDER BY n.id FOR UPDATE OF n
)
UPDATE notifications_notice n SET released_at = %(now)s, cause = {freed_cause} FROM again WHERE n.id = again.id
RETURNING n.record_id, n.citizen_id, again.code, again.day
