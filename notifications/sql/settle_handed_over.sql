-- Write what gateways took in its deliveries: in those that no receipt has ended meanwhile.
--
-- Locks deliveries in the order of their numbers, as all statements that move them do; the caller switches off the joins
-- that know no order. A delivery that was thought to be lost meanwhile keeps its state, and gets the number by which its
-- gateway is polled.
--
-- Parameters
--   wait        float8  seconds in which most receipts come
--   most        int     rows at once, beginning with the earliest
-- Returns how many rows were looked through.
WITH due AS MATERIALIZED (
    SELECT id FROM notifications_handedover
    WHERE answered_at <= clock_timestamp() - make_interval(secs => %(wait)s)
    ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM notifications_handedover h USING due WHERE h.id = due.id
    RETURNING h.deliveries, h.codes, h.vendor_ids, h.answered_at
), written AS (
    UPDATE notifications_delivery d SET
        state = CASE d.state WHEN 'sending' THEN 'sent' ELSE d.state END,
        code = CASE d.state WHEN 'sending' THEN l.code ELSE d.code END,
        vendor_id = CASE d.vendor_id WHEN '' THEN l.vendor_id ELSE d.vendor_id END,
        answered_at = least(d.answered_at, l.answered_at)
    FROM (
        SELECT l.*, gone.answered_at FROM gone, unnest(gone.deliveries, gone.codes, gone.vendor_ids)
            AS l(delivery_id, code, vendor_id)
        ORDER BY l.delivery_id
    ) l
    WHERE d.id = l.delivery_id AND (d.state = 'sending' OR d.vendor_id = '' AND l.vendor_id <> '')
)
SELECT count(*) FROM due
