-- Make notices due that wait for a paused channel, a stopped template or another try on a rerouted channel, or for a bundled
-- message that they need not wait for any more, one block of a queue at a time.
--
-- A notice that waits for another channel's pause is postponed again by its next claim. A notice that waits for a
-- stopped template uses the template that was approved since. A notice of a bundled message whose stage is urgent in the
-- version that is live now leaves the bundle and is sent at once.
--
-- Parameters
--   after                bigint      the last notice of the block before
--   size                 int         queue entries in a block
--   now                  timestamptz
--   rerouted             text[]      channels on which nothing is sent for now, also no second try: the next way is free
--   share                int         percentage of people for whom the paused channel is in use, 100: everyone
-- Fragments
--   queue                the table of the queue: notices sent one by one, or those that wait for a bundled message
--   bundled              whether it is the second (true, false)
--   in_share             whether a person is of these
-- Returns the last notice of the block (NULL behind the last block), and how many were made due.
WITH block AS MATERIALIZED (
    SELECT notice_id FROM {queue} WHERE notice_id > %(after)s ORDER BY notice_id LIMIT %(size)s
), held_up AS MATERIALIZED (
    SELECT n.id, {bundled} AND live.urgent IS TRUE AS is_urgent,
        CASE WHEN n.reason = 'wording_stopped' OR {bundled} AND live.urgent THEN live.id END AS live_stage
    FROM block
    JOIN notifications_notice n ON n.id = block.notice_id
    JOIN subscriptions_stage st ON st.id = n.stage_id
    JOIN subscriptions_datatypeversion v ON v.id = st.version_id
    JOIN subscriptions_datatype dt ON dt.id = v.data_type_id
    LEFT JOIN subscriptions_stage live
        ON live.version_id = dt.live_version_id AND live.code = st.code AND live.trigger = st.trigger
    WHERE n.state = 'ready' AND n.not_before > %(now)s
      AND (n.reason = 'wording_stopped' OR n.reason = 'channel_paused' AND {in_share}
        OR {bundled} AND live.urgent AND NOT n.urgent
        OR n.reason LIKE '%%:%%' AND split_part(n.reason, ':', 1) = ANY(%(rerouted)s))
    ORDER BY n.id FOR UPDATE OF n SKIP LOCKED
), freed AS (
    UPDATE notifications_notice n SET not_before = %(now)s, reason = '', stage_id = coalesce(live_stage, n.stage_id),
        urgent = n.urgent OR is_urgent, bundle_at = CASE WHEN NOT is_urgent THEN n.bundle_at END
    FROM held_up WHERE n.id = held_up.id
)
SELECT (SELECT max(notice_id) FROM block), (SELECT count(*) FROM held_up)
