-- Look through the blocks of deliveries that are due: forget those that have nothing left to look after, and note of the
-- others when the next of their deliveries is due, which may be now.
--
-- A moment that another transaction is just writing is not seen here; where it is earlier, that transaction writes a row
-- of its own.
--
-- Fragments
--   of_block, in_order   the deliveries of a block (notifications/models/delivery.py)
-- Parameters
--   most        int     rows at once, beginning with the earliest
-- Returns nothing.
WITH due AS MATERIALIZED (
    SELECT id, block FROM notifications_deliveryblock WHERE due_at <= statement_timestamp()
    ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM notifications_deliveryblock q USING due WHERE q.id = due.id
)
INSERT INTO notifications_deliveryblock (block, due_at, fresh)
SELECT b.block, min(d.ask_at), false FROM (SELECT DISTINCT block FROM due) b
CROSS JOIN LATERAL (
    SELECT d.ask_at FROM notifications_delivery d WHERE {of_block} AND d.ask_at IS NOT NULL {in_order}
) d
GROUP BY b.block ORDER BY b.block
