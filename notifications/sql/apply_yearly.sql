-- Write what gateways report of yearly messages: answers, receipts and polls alike. States only move forward.
--
-- A report is about one attempt. One of an earlier attempt counts only where it says that the message has arrived; a
-- receipt only where its gateway's channel carried that attempt, and no other message is named. A channel that failed
-- for certain is given up; one that refused for now is tried again, so many times.
--
-- Parameters
--   ids, attempts, states, codes, vendor_ids, waits, gateways   of each report; `states` as of a delivery
--   reporters           the channel of the gateway that has called; '' of an answer or a poll
--   held_back           codes of messages that no gateway was given: no attempt
--   mute                channels of which no gateway can be polled
--   now, receipt_wait, unknown_wait, retry       a time, and seconds
--   most                attempts on one channel
-- Fragment
--   moves               the pairs of states that a message may take (notifications/states.py)
-- Returns a row for each message that moved: what was reported, its channel, template, gateway and the gateway's code.
WITH reported AS (
    SELECT * FROM unnest(%(ids)s::bigint[], %(attempts)s::int[], %(states)s::text[], %(codes)s::text[],
        %(vendor_ids)s::text[], %(waits)s::float8[], %(gateways)s::text[], %(reporters)s::text[])
        AS r(id, attempt, state, code, vendor_id, wait, gateway, reporter)
), heard AS (
    SELECT DISTINCT ON (m.id) m.id, r.attempt, r.state, r.code, r.vendor_id, r.wait, r.gateway
    FROM reported r JOIN notifications_yearlymessage m ON m.id = r.id
    WHERE r.state = 'delivered' AND r.attempt < m.attempts AND r.reporter = ANY(m.channel || m.tried)
        OR r.attempt = m.attempts
           AND (r.reporter = '' OR r.reporter = m.channel AND r.gateway IN ('', m.gateway))
           AND (r.vendor_id = '' OR m.vendor_id IN ('', r.vendor_id))
    ORDER BY m.id, r.state <> 'delivered'
), locked AS MATERIALIZED (
    SELECT m.* FROM notifications_yearlymessage m WHERE m.id IN (SELECT id FROM heard) ORDER BY m.id FOR UPDATE
), judged AS (
    SELECT m.id, m.state AS was, m.channel, m.template_id, h.state AS reported, h.code, h.vendor_id, h.wait, h.gateway,
        CASE WHEN h.state IN ('failed', 'returned') THEN 'waiting' ELSE h.state END AS next,
        h.code = ANY(%(held_back)s) AS is_held_back,
        h.state = 'failed' OR h.state = 'returned' AND m.attempts >= %(most)s * (cardinality(m.tried) + 1)
            AS is_given_up
    FROM locked m JOIN heard h ON h.id = m.id
), moved AS (
    UPDATE notifications_yearlymessage m SET
        state = j.next,
        reason = '',
        code = j.code,
        gateway = CASE WHEN j.gateway <> '' THEN j.gateway ELSE m.gateway END,
        vendor_id = CASE WHEN j.next = 'waiting' THEN '' WHEN j.vendor_id <> '' THEN j.vendor_id ELSE m.vendor_id END,
        attempts = CASE WHEN j.is_held_back THEN m.attempts - 1 ELSE m.attempts END,
        tried = CASE WHEN j.is_given_up AND NOT j.is_held_back THEN m.tried || m.channel ELSE m.tried END,
        answered_at = coalesce(m.answered_at, %(now)s),
        polls = CASE WHEN j.next = 'waiting' THEN 0 ELSE m.polls END,
        finished_at = CASE WHEN j.next = 'delivered' THEN %(now)s END,
        look_at = CASE j.next
            WHEN 'waiting' THEN %(now)s + make_interval(secs => CASE
                WHEN j.is_given_up AND NOT j.is_held_back THEN 0 ELSE greatest(j.wait, %(retry)s) END)
            WHEN 'sent' THEN %(now)s + make_interval(secs => %(receipt_wait)s)
            WHEN 'unknown' THEN CASE WHEN m.channel = ANY(%(mute)s) THEN NULL
                                     ELSE %(now)s + make_interval(secs => %(unknown_wait)s) END END
    FROM judged j WHERE m.id = j.id AND (j.was, j.next) IN ({moves})
    RETURNING m.id, j.reported, j.channel, j.template_id, m.gateway, j.code
)
SELECT * FROM moved ORDER BY id
