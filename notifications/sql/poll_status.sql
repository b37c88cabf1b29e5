-- Pick the deliveries whose gateway is due to be polled, and schedule the next poll.
--
-- Polled again after 1, 2, 4 … minutes, at most every 6 hours.
--
-- Parameters
--   limit                int         how many
--   wait                 float8      seconds before the first poll is repeated
--   channels, kinds      text[]      the channels in use, and the kind of address that each needs
-- Fragments
--   due_blocks, of_block, in_order   the deliveries that may be due (notifications/models/delivery.py)
--   about                whether the record is about the person of the notice (notifications/models/record.py)
--   anchor               the day that a date stage hangs on
--   earlier, earlier_day notifications/matching/notify_former.py
-- Returns vendor_id, batch_key, started_at, the database's time, the day of the delivery, whether its message cannot be
-- composed again as it was sent, whether that carried other notices too, and then the columns of `Claimed`.
WITH due AS MATERIALIZED (
    SELECT d.* FROM {due_blocks} b CROSS JOIN LATERAL (
        SELECT d.* FROM notifications_delivery d
        WHERE {of_block} AND d.ask_at <= statement_timestamp() AND d.state IN ('sent', 'unknown')
        {in_order} FOR UPDATE SKIP LOCKED
    ) d LIMIT %(limit)s
), put_off AS (
    UPDATE notifications_delivery d SET asked = least(d.asked + 1, 1000), ask_at = clock_timestamp()
        + least(interval '6 hours', make_interval(secs => %(wait)s) * 2 ^ least(due.asked, 12))
    FROM due WHERE d.id = due.id
)
SELECT due.vendor_id, due.batch_key, due.started_at, clock_timestamp(), due.day,
    CASE WHEN st.trigger = 'not_yours' THEN earlier.id IS NULL
         ELSE n.record_version <> r.version OR NOT theirs.now END
        OR ct.changed_at > due.started_at OR n.fence <> due.fence,
    due.carrier_id IS NOT NULL,
    due.id, n.id, due.channel, due.wording_id, c.id::text, c.name_encrypted, ct.value_encrypted,
    CASE WHEN theirs.now THEN r.payload_encrypted END, CASE WHEN theirs.now THEN r.told_encrypted END,
    r.agency_id, r.external_id,
    CASE WHEN st.trigger = 'date' AND theirs.now THEN {anchor} ELSE earlier.day END, earlier.id,
    c.birth_date_encrypted, '', false, due.gateway
FROM due
JOIN notifications_notice n ON n.id = due.notice_id
JOIN notifications_record r ON r.id = n.record_id
JOIN subscriptions_stage st ON st.id = n.stage_id
JOIN subscriptions_citizen c ON c.id = n.citizen_id
JOIN unnest(%(channels)s::text[], %(kinds)s::text[]) AS k(channel, kind) ON k.channel = due.channel
LEFT JOIN subscriptions_contact ct ON ct.citizen_id = c.id AND ct.kind = k.kind
CROSS JOIN LATERAL (SELECT n.not_theirs_at IS NULL AND {about} AS now) theirs
CROSS JOIN LATERAL (SELECT {earlier} AS id, {earlier_day} AS day) earlier
ORDER BY due.id
