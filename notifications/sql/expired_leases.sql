-- Recover the claims of a deliverer that ended. Whether the gateway has the message is unknown until it is polled.
--
-- Parameters
--   most                 int         crashes after which an operator decides
-- Fragments
--   due_blocks, of_block, in_order   the deliveries that may be due (notifications/models/delivery.py)
-- Returns how many notices, and how many of them are in review now.
WITH lost AS MATERIALIZED (
    SELECT n.id, n.fence, n.crashes, d.id AS delivery_id FROM {due_blocks} b
    CROSS JOIN LATERAL (
        SELECT d.id, d.notice_id, d.fence FROM notifications_delivery d
        WHERE {of_block} AND d.state = 'sending' AND d.ask_at < statement_timestamp() {in_order} FOR UPDATE SKIP LOCKED
    ) d
    JOIN notifications_notice n ON n.id = d.notice_id AND n.fence = d.fence AND n.state = 'sending'
    LIMIT 5000 FOR UPDATE OF n SKIP LOCKED -- waits for no lock
), delivery AS (
    UPDATE notifications_delivery d SET state = 'unknown', code = 'lease_expired',
        ask_at = CASE WHEN lost.crashes + 1 < %(most)s AND (d.carrier_id <> d.id) IS NOT TRUE THEN clock_timestamp() END
    FROM lost WHERE d.id = lost.delivery_id AND d.state = 'sending'
), notice AS (
    UPDATE notifications_notice n SET crashes = n.crashes + 1, reason = 'lease_expired',
        state = CASE WHEN n.crashes + 1 < %(most)s THEN 'unknown' ELSE 'review' END
    FROM lost WHERE n.id = lost.id RETURNING n.state
)
SELECT count(*), count(*) FILTER (WHERE state = 'review') FROM notice
