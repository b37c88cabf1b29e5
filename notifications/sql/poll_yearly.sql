-- Claim yearly messages whose outcome is open and whose gateway is polled now. Of those whose worker was lost the
-- outcome is unknown from here on. Each is polled ever more seldom; after give_up hours not any more.
--
-- Parameters
--   now, most           a time, and how many at once
--   channels, kinds     the channels in use, and the kind of address that each needs
--   unknown_wait, give_up     seconds, and hours
-- Returns what composing and polling need; no address where the contact was given up or removed meanwhile.
WITH due AS MATERIALIZED (
    SELECT * FROM notifications_yearlymessage
    WHERE state IN ('sending', 'sent', 'unknown') AND look_at <= %(now)s
    ORDER BY look_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
), moved AS (
    UPDATE notifications_yearlymessage m SET
        state = CASE WHEN d.state = 'sending' THEN 'unknown' ELSE d.state END,
        code = CASE WHEN d.state = 'sending' THEN 'lease-over' ELSE d.code END,
        polls = least(d.polls + 1, 1000),
        look_at = CASE WHEN d.started_at > %(now)s - make_interval(hours => %(give_up)s) THEN
            %(now)s + least(make_interval(secs => %(unknown_wait)s) * 2 ^ least(d.polls, 12), interval '6 hours') END
    FROM due d WHERE m.id = d.id
)
SELECT d.id, d.attempts, d.channel, d.template_id, d.citizen_id::text, c.name_encrypted, ct.value_encrypted,
    w.vendor_template, d.gateway, d.vendor_id, d.started_at, d.batch_key, ct.changed_at <= d.started_at
FROM due d
JOIN unnest(%(channels)s::text[], %(kinds)s::text[]) AS k(channel, kind) ON k.channel = d.channel
JOIN subscriptions_citizen c ON c.id = d.citizen_id
JOIN subscriptions_wording w ON w.id = d.template_id
LEFT JOIN subscriptions_contact ct ON ct.citizen_id = d.citizen_id AND ct.kind = k.kind AND ct.suspended_at IS NULL
ORDER BY d.id
