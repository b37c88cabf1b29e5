-- Add changes up to the counts by the hour, and remove them: both or neither.
--
-- Runs at the same time add up different changes. In the order of the key, so that they cannot wait for each other.
--
-- Parameters
--   most        int     changes at once, beginning with the oldest
-- Returns how many changes were added up.
WITH claimed AS (
    SELECT id FROM notifications_deliverychange ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM notifications_deliverychange c USING claimed WHERE c.id = claimed.id
    RETURNING c.hour, c.channel, c.state, c.code, c.duration, c.change
), added AS (
    INSERT INTO notifications_deliveryhour AS h (hour, channel, state, code, duration, count)
    SELECT hour, channel, state, code, duration, sum(change) FROM gone
    GROUP BY hour, channel, state, code, duration ORDER BY hour, channel, state, code, duration
    ON CONFLICT (hour, channel, state, code, duration) DO UPDATE SET count = h.count + excluded.count
)
SELECT count(*) FROM gone
