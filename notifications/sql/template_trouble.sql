-- Count how often a template failed while others did not, and return the templates to be stopped.
--
-- The table has few rows, and none in normal operation. They are locked in one order.
--
-- Parameters
--   channel, gateway     text        the channel, and its provider where it has several ('': it has one)
--   templates, messages, bad          the batch: a template, how many messages of it, and whether all failed
--   well_ones, bad_ones  int         how many templates of the batch got through, and how many did not
--   hours                int         after which an earlier batch does not count any more
--   times                int         how many times as often the others must have succeeded
--   rounds, least        int         batches and messages from which on a template is stopped
-- Returns the templates that failed alone, and whether each is to be stopped.
WITH batch AS (
    SELECT * FROM unnest(%(templates)s::bigint[], %(messages)s::int[], %(bad)s::boolean[])
        AS b(wording_id, messages, bad)
), held AS MATERIALIZED (
    SELECT t.*, b.messages AS more, b.bad, t.others_well + %(well_ones)s AS seen_well,
        t.others_troubled + %(bad_ones)s - CASE WHEN b.bad THEN 1 ELSE 0 END AS seen_troubled,
        t.changed_at < clock_timestamp() - make_interval(hours => %(hours)s) AS stale
    FROM notifications_wordingtrouble t LEFT JOIN batch b ON b.wording_id = t.wording_id
    WHERE t.channel = %(channel)s AND t.gateway = %(gateway)s ORDER BY t.wording_id FOR UPDATE OF t
), recovered AS (
    DELETE FROM notifications_wordingtrouble t USING held WHERE t.wording_id = held.wording_id AND NOT held.bad
), seen AS (
    UPDATE notifications_wordingtrouble t SET others_well = seen_well, others_troubled = seen_troubled
    FROM held WHERE t.wording_id = held.wording_id AND held.bad IS NULL
), again AS (
    UPDATE notifications_wordingtrouble t SET
        rounds = CASE WHEN stale THEN 1 ELSE t.rounds
            + CASE WHEN seen_well >= greatest(1, seen_troubled * %(times)s) THEN 1 ELSE 0 END END,
        messages = CASE WHEN stale THEN 0 ELSE t.messages END + more,
        others_well = 0, others_troubled = 0, changed_at = clock_timestamp()
    FROM held WHERE t.wording_id = held.wording_id AND held.bad
    RETURNING t.wording_id, t.rounds, t.messages,
        seen_well >= greatest(1, seen_troubled * %(times)s) AND NOT stale AS alone
), first AS (
    INSERT INTO notifications_wordingtrouble AS t
        (wording_id, channel, gateway, messages, rounds, others_well, others_troubled, changed_at)
    SELECT wording_id, %(channel)s, %(gateway)s, messages, 1, 0, 0, clock_timestamp() FROM batch
    WHERE bad AND NOT EXISTS (SELECT FROM held WHERE held.wording_id = batch.wording_id) -- one statement may not change
    ORDER BY wording_id -- a row twice: those are in `again`
    ON CONFLICT (wording_id) DO UPDATE SET (channel, gateway, messages, rounds, others_well, others_troubled, changed_at)
        = (excluded.channel, excluded.gateway, excluded.messages, 1, 0, 0, excluded.changed_at)
    WHERE t.gateway <> excluded.gateway -- it failed at another provider, long ago
        AND t.changed_at < clock_timestamp() - make_interval(hours => %(hours)s)
)
SELECT wording_id, alone AND rounds >= %(rounds)s AND messages >= %(least)s FROM again WHERE alone
