-- Apply "delivered" that ends deliveries in the usual way: each reported by its own gateway, while it is to be polled.
--
-- Runs as a prepared statement. What it leaves untouched (other states, messages of others, bundles) is for
-- apply_outcomes.sql, which would do the same here, with its many columns and branches.
--
-- Parameters, one entry for each report
--   ids, codes, vendor_ids           of the deliveries, and what is reported of them
-- and, for all of them:
--   channel, gateway     text        that report it
--   now                  timestamptz
-- Fragments
--   delivered, widest    the state, and the number of the longest duration (notifications/models/delivery_hour.py)
--   count_reached        counts the rows of `notice` that reached their person, and how (notifications/models/reach.py)
-- Returns how many deliveries it has ended.
WITH arrived AS (
    UPDATE notifications_delivery d SET
        state = '{delivered}',
        code = l.code,
        vendor_id = CASE WHEN l.vendor_id <> '' THEN l.vendor_id ELSE d.vendor_id END,
        answered_at = coalesce(d.answered_at, clock_timestamp()),
        finished_at = %(now)s,
        ask_at = NULL
    FROM (
        SELECT * FROM unnest(%(ids)s::bigint[], %(codes)s::text[], %(vendor_ids)s::text[])
            AS l(delivery_id, code, vendor_id) ORDER BY delivery_id
    ) l
    WHERE d.id = l.delivery_id AND d.state IN ('sending', 'sent') AND d.carrier_id IS NULL
      AND d.channel = %(channel)s AND d.gateway IN (%(gateway)s, '')
      AND (d.vendor_id = l.vendor_id OR d.vendor_id = '' OR l.vendor_id = '')
    RETURNING d.notice_id, d.started_at
), counted AS ( -- by the hour in which it began
    INSERT INTO notifications_deliverychange (hour, channel, state, code, duration, change)
    SELECT date_trunc('hour', started_at), %(channel)s, '{delivered}', '', least({widest}, floor(2 * ln(greatest(1.0::float8,
        date_part('epoch', %(now)s - started_at))) / ln(2.0::float8)))::int, count(*)
    FROM arrived GROUP BY 1, 5
), notice AS (
    UPDATE notifications_notice n SET
        state = CASE WHEN n.state = 'ready' THEN 'cancelled' ELSE '{delivered}' END, -- it was requeued, although it had arrived
        reason = CASE WHEN n.state = 'ready' THEN 'already_delivered' ELSE '' END,
        finished_at = %(now)s
    FROM (SELECT DISTINCT notice_id FROM arrived ORDER BY notice_id) l
    WHERE n.id = l.notice_id AND n.state IN ('sending', 'unknown', 'review', 'ready')
    RETURNING n.id, n.stage_id, n.state, n.urgent, n.created_at, n.expires_at, n.bundle_at, n.finished_at, n.tried,
        %(channel)s AS channel
), reached AS ( -- notices that reached their person, by the rule of their kind; the others: notifications/models/reach.py
    {count_reached}
)
SELECT count(*) FROM arrived
