-- Apply outcomes to deliveries and their notices: answers, receipts, and the results of polls.
--
-- Runs as a prepared statement. States only move forward by the table of moves; a notice follows a delivery while that
-- is its newest attempt (the fence), but a message that has arrived ends its notice whichever attempt it was.
--
-- Parameters, one entry for each outcome
--   ids, states, codes, vendor_ids   of the deliveries, and what is reported of them
--   waits                float8[]    seconds that the gateway asks us to wait
--   marks                int[]       follow-up work where the delivery moves (notifications/delivery/outcomes.py)
--   reporters            text[]      the channel whose receipt reports it; '' for answers and polls
--   gateways             text[]      the gateway that reports it; '' where that does not matter
-- and, for all of them:
--   unfit                text[]      codes of a channel that cannot carry the message
--   held_back            text[]      codes of a message that no provider was given: no attempt
--   now                  timestamptz
--   receipt_wait, unknown_wait       seconds until the gateway is polled
--   most                 int         attempts on one channel
--   retry_base, retry_most           seconds between attempts
-- Fragments
--   moved                moves the deliveries (notifications/delivery/moves.py): `chosen` is what has moved
--   reports              `chosen`, and in moves.ANY also what was reported of other channels' deliveries
--   put_off              the mark of a channel that cannot carry the message
--   ended                the states that are counted (notifications/models/delivery_hour.py), and of them the one with a
--   delivered, widest    duration; the number of the longest duration
--   count_reached        counts the rows of `notice` that reached their person, and how (notifications/models/reach.py)
-- Returns channel, template, state, code, mark, the channel whose receipts do not fit ('' where they fit), how many
-- deliveries, the ids of those with possible follow-up work, whether their messages are bundles (NULL: ordinary ones),
-- and the ids of the carriers.
WITH {moved}, counted AS ( -- what has ended, by the hour in which it began; what a later report corrects is taken off again
    INSERT INTO notifications_deliverychange (hour, channel, state, code, duration, change)
    SELECT date_trunc('hour', l.started_at), l.channel, e.state, CASE WHEN e.state = '{delivered}' THEN '' ELSE e.code END,
        CASE WHEN e.state = '{delivered}' THEN least({widest}, floor(2 * ln(greatest(1.0::float8,
            date_part('epoch', e.finished_at - l.started_at))) / ln(2.0::float8)))::int ELSE 0 END AS duration, sum(e.change)
    FROM chosen l CROSS JOIN LATERAL (VALUES
        (l.state, l.code::text, %(now)s::timestamptz, 1), (l.was, l.was_code, l.was_finished_at, -1)
    ) AS e (state, code, finished_at, change)
    WHERE e.state IN {ended} GROUP BY 1, 2, 3, 4, 5
), news AS ( -- one for each notice: that any of its messages has arrived, or else the newest one's outcome
    SELECT DISTINCT ON (notice_id) * FROM chosen
    WHERE NOT (was = 'sending' AND state = 'sent') -- a message that was handed over is still in transit: no news
    ORDER BY notice_id, state = 'delivered' DESC, fence DESC
), notice AS (
    UPDATE notifications_notice n SET
        state = CASE WHEN n.state = 'ready' THEN 'cancelled'
                     WHEN l.state IN ('failed', 'returned') THEN 'ready'
                     WHEN l.state = 'sent' THEN 'sending' ELSE l.state END,
        reason = CASE WHEN n.state = 'ready' THEN 'already_delivered'
                      WHEN l.state IN ('failed', 'returned', 'unknown') THEN left(l.channel || ':' || l.code, 40)
                      ELSE '' END,
        tried = CASE WHEN l.state = 'failed' AND l.code = ANY(%(unfit)s) AND l.channel || '{put_off}' <> ALL(n.tried)
                     THEN n.tried || (l.channel || '{put_off}')::varchar
                     WHEN l.state = 'failed'
                         OR l.state = 'returned' AND n.attempts + 1 >= %(most)s AND l.code <> ALL(%(held_back)s)
                     THEN n.tried || l.channel::varchar ELSE n.tried END,
        attempts = CASE WHEN l.state = 'returned' AND l.code = ANY(%(held_back)s) THEN n.attempts
                        WHEN l.state = 'returned' AND n.attempts + 1 < %(most)s THEN n.attempts + 1
                        WHEN l.state IN ('failed', 'returned') THEN 0 ELSE n.attempts END,
        not_before = CASE WHEN l.state = 'returned' AND l.code = ANY(%(held_back)s)
                          THEN %(now)s + make_interval(secs => greatest(l.wait, 1.0))
                     WHEN l.state = 'returned' THEN %(now)s + make_interval(secs => greatest(
                          l.wait, least(%(retry_most)s, %(retry_base)s * 2 ^ n.attempts) * (0.5 + random() / 2)))
                     ELSE n.not_before END,
        finished_at = CASE WHEN l.state = 'delivered' THEN %(now)s END
    FROM news l
    WHERE n.id = l.notice_id AND (n.fence = l.fence OR l.state = 'delivered')
      AND (n.state IN ('sending', 'unknown', 'review')
        OR n.state = 'ready' AND l.state = 'delivered') -- it was requeued, although it had arrived
      AND n.state <> l.state AND NOT (n.state = 'sending' AND l.state = 'sent')
      AND NOT (n.state = 'review' AND l.state = 'unknown')
    RETURNING n.id, n.stage_id, n.state, n.urgent, n.created_at, n.expires_at, n.bundle_at, n.finished_at, n.tried,
        l.channel
), reached AS ( -- notices that reached their person, by the rule of their kind; the others: notifications/models/reach.py
    {count_reached}
)
SELECT channel, wording_id, state, code, mark, CASE WHEN foreign_to_it THEN reporter ELSE '' END, count(*),
    array_agg(id) FILTER (WHERE mark > 0 OR state = 'delivered' AND was IN ('returned', 'failed', 'unknown')),
    carrier_id = id, array_agg(id) FILTER (WHERE carrier_id = id)
FROM {reports} each
GROUP BY 1, 2, 3, 4, 5, 6, 9
