-- Restore lost queue entries of ready notices.
--
-- Nothing indexes the state of a notice (docs/adr/0006), so ready ones are searched by number, a span of numbers at
-- a time: the newest each time, and one older span, another each hour.
--
-- Parameters
--   span                 int         numbers in one span
--   hour                 int         hours since 1970: selects the older span
-- Returns nothing; the row count is how many entries were restored.
WITH ends AS (
    SELECT coalesce(max(id), 0) AS newest FROM notifications_notice
), spans AS (
    SELECT newest - %(span)s AS after, newest AS upto FROM ends
    UNION ALL
    SELECT %(span)s * older, %(span)s * (older + 1) FROM ends,
        LATERAL (SELECT %(hour)s %% (newest / %(span)s + 1) AS older) which
), lost AS MATERIALIZED (
    SELECT n.id, n.urgent, n.not_before, n.crashes FROM spans
    JOIN notifications_notice n ON n.id > spans.after AND n.id <= spans.upto
    WHERE n.state = 'ready' AND NOT EXISTS (SELECT 1 FROM notifications_due q WHERE q.notice_id = n.id)
      AND (n.bundle_at IS NULL
           OR NOT EXISTS (SELECT 1 FROM notifications_bundleentry b WHERE b.notice_id = n.id)) -- it is sent by itself
    ORDER BY n.id FOR UPDATE OF n SKIP LOCKED -- the transaction that holds it will write the entry
)
INSERT INTO notifications_due (notice_id, urgent, not_before, crashes)
SELECT DISTINCT id, urgent, not_before, crashes FROM lost ORDER BY id
ON CONFLICT (notice_id) DO NOTHING
