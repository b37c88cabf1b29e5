-- Count what became of the records whose newest version an ingested batch has brought: 25,000 at most.
--
-- A record counts once, by the best of its notices: delivered, on the way, failed, not sent; a record without a notice is
-- about no one who has chosen these notices. What was sent to an earlier person of a record is left out.
--
-- Parameters
--   batch    bigint
-- Returns records, different people, notified, delivered, on the way, failed, not sent, paid here.
WITH own AS (
    SELECT r.id, coalesce(r.ci_hash, r.person_hash) AS person, r.paid_here_at IS NOT NULL AS paid
    FROM notifications_record r
    WHERE r.batch_id = %(batch)s
), outcome AS MATERIALIZED (
    SELECT own.person, own.paid, (
        SELECT max(CASE n.state WHEN 'delivered' THEN 4 WHEN 'failed' THEN 2 WHEN 'cancelled' THEN 1
            WHEN 'too_late' THEN 1 ELSE 3 END)
        FROM notifications_notice n WHERE n.record_id = own.id AND n.not_theirs_at IS NULL
    ) AS best FROM own
)
SELECT count(*), count(DISTINCT person), count(best), count(*) FILTER (WHERE best = 4), count(*) FILTER (WHERE best = 3),
    count(*) FILTER (WHERE best = 2), count(*) FILTER (WHERE best = 1), count(*) FILTER (WHERE paid)
FROM outcome
