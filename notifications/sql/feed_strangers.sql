-- Count the newest records of a feed and how many of them match an enrolled person, off the indexes of batches and
-- keys.
--
-- Parameters
--   feed                 bigint
--   runs                 int         the newest runs with records
--   records              int         the newest records
-- Returns for the CI, and for name, birth date and phone: how many records name their person so, and how many match.
WITH runs AS MATERIALIZED (
    SELECT id FROM notifications_feedrun
    WHERE feed_id = %(feed)s AND NOT dry_run AND new + changed > 0 ORDER BY started_at DESC LIMIT %(runs)s
), batches AS MATERIALIZED (
    SELECT b.id FROM runs JOIN notifications_ingestbatch b ON b.run_id = runs.id ORDER BY b.id DESC LIMIT %(runs)s
), newest AS MATERIALIZED (
    SELECT r.ci_hash, r.person_hash FROM batches CROSS JOIN LATERAL (
        SELECT ci_hash, person_hash FROM notifications_record WHERE batch_id = batches.id LIMIT %(records)s
    ) r LIMIT %(records)s
)
SELECT count(ci_hash), count(*) FILTER (WHERE EXISTS (
           SELECT 1 FROM subscriptions_citizenkey k WHERE k.key_hash = newest.ci_hash)),
       count(person_hash), count(*) FILTER (WHERE EXISTS (
           SELECT 1 FROM subscriptions_citizenkey k WHERE k.key_hash = newest.person_hash))
FROM newest
