-- Add outcomes of notices up to the counts by the day, and remove them: both or neither.
--
-- Runs at the same time add up different changes. In the order of the key, so that they cannot wait for each other.
--
-- Parameters
--   most        int     changes at once, beginning with the oldest
-- Returns how many changes were added up.
WITH claimed AS (
    SELECT id FROM notifications_reachchange ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM notifications_reachchange c USING claimed WHERE c.id = claimed.id
    RETURNING c.day, c.data_type_id, c.outcome, c.way, c.change, c.first_id, c.last_id
), added AS (
    INSERT INTO notifications_reachday AS d (day, data_type_id, outcome, way, count, first_id, last_id)
    SELECT day, data_type_id, outcome, way, sum(change), min(first_id), max(last_id) FROM gone
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (day, data_type_id, outcome, way) DO UPDATE SET count = d.count + excluded.count,
        first_id = least(d.first_id, excluded.first_id), last_id = greatest(d.last_id, excluded.last_id)
)
SELECT count(*) FROM gone
