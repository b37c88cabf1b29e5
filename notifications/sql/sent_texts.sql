-- Read the attempts of some notices with all that composing their texts again needs.
--
-- A text is known to be as it was sent where nothing has changed that went into it: the record (an earlier attempt may
-- have been of an earlier version), what a payment here has added to it, the person's name as an office had entered it,
-- and the holidays off which its dates move.
--
-- Parameters
--   notices              bigint[]    of one person
-- Fragments
--   about                whether the record is about the person of the notice (notifications/models/record.py)
--   anchor               the day that a date stage hangs on
--   earlier, earlier_day notifications/matching/notify_former.py
--   renamed, moved       whether the name or a date has changed since (notifications/delivery/as_sent.py)
-- Returns state, code, vendor_id, started_at, answered_at, finished_at, the day of the text, whether it is known to be
-- as it was sent where it was a message of its own, the delivery whose bundled message carried it, and then the columns
-- of `Claimed`, without an address.
SELECT d.state, d.code, d.vendor_id, d.started_at, d.answered_at, d.finished_at, d.day,
    CASE WHEN st.trigger = 'not_yours' THEN earlier.id IS NOT NULL
         WHEN NOT theirs.now THEN false
         WHEN n.fence = d.fence THEN n.record_version = r.version
            AND (n.told_digest IS NULL OR n.told_digest = r.announce_digest)
         ELSE r.received_at <= d.started_at END
    AND NOT {renamed} AND NOT {moved},
    d.carrier_id,
    d.id, n.id, d.channel, d.wording_id, c.id::text, c.name_encrypted, NULL,
    CASE WHEN theirs.now THEN r.payload_encrypted END,
    CASE WHEN theirs.now AND (r.paid_here_at > d.started_at) IS NOT TRUE THEN r.told_encrypted END,
    r.agency_id, r.external_id,
    CASE WHEN st.trigger = 'date' AND theirs.now THEN {anchor} ELSE earlier.day END, earlier.id,
    c.birth_date_encrypted, '', false, d.gateway
FROM notifications_notice n
JOIN notifications_delivery d ON d.notice_id = n.id
JOIN notifications_record r ON r.id = n.record_id
JOIN subscriptions_stage st ON st.id = n.stage_id
JOIN subscriptions_citizen c ON c.id = n.citizen_id
CROSS JOIN LATERAL (SELECT n.not_theirs_at IS NULL AND {about} AS now) theirs
CROSS JOIN LATERAL (SELECT {earlier} AS id, {earlier_day} AS day) earlier
WHERE n.id = ANY(%(notices)s)
ORDER BY d.id
