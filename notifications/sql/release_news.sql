-- Free the causes of news that no channel delivered, so that matching makes notices of what is true now.
--
-- Parameters
--   subscriptions        bigint[]    whose persons may be reached now
--   now                  timestamptz
-- Fragments
--   theirs               the notices of these subscriptions' persons
--   unnotified, still_news   whether a notice ended undelivered, and whether its news are still news
--   freed_cause          notifications/matching/notify_former.py
-- Returns the record, the person, and whether the notice was that a record is not about them.
WITH again AS MATERIALIZED (
    SELECT n.id, st.trigger {theirs} AND {unnotified} AND {still_news}
      AND (st.trigger = 'not_yours' OR st.trigger <> 'date' AND n.not_theirs_at IS NULL)
    ORDER BY n.id FOR UPDATE OF n
)
UPDATE notifications_notice n SET released_at = %(now)s, cause = {freed_cause} FROM again WHERE n.id = again.id
RETURNING n.record_id, n.citizen_id, again.trigger = 'not_yours'
