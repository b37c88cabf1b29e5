-- Claim notices: close or postpone those that are not true any more, and begin a delivery of those that are.
--
-- Runs as a prepared statement in the claiming transaction, before any HTTP. All conditions (consent,
-- channels, the record's person, its newest state, the hour) are read in this statement. The first obstacle in the
-- list counts.
--
-- Parameters
--   notices             bigint[]     picked from the queue, whose entries are locked
--   channels, kinds     text[]       the channels in use, and the kind of address that each needs
--   templated           boolean[]    whether the channel's vendor must have approved a template
--   gateways            text[]       the channel's providers in their order, by commas
--   now                 timestamptz  for hours, ends and days (leases are measured by the database's clock)
--   day_starts, day_ends  time       the hours of people who have chosen none
--   calm_at, calm_gather, calm_days_left         only of CLAIM_CALM: the bundled message (matching/may_wait.py)
--   lease               float8       seconds until the gateway is polled for the delivery
--   batch_key           text         the key that the gateway is given for the whole batch
-- Fragments
--   of_whom             the people whose notices it claims; it leaves the others untouched
--   bundle_at, no_end    until when it waits for its person's bundled message; whether its stage has no end of its own
--   about               whether the record is about the person of the notice (notifications/models/record.py)
--   day                 the day that a stage on a date hangs on, none of others
--   settled, superseded, of_withdrawn            what is not news any more (notifications/matching/triggers.py)
--   earlier, earlier_day, freed_cause            of a record that was another person's (matching/notify_former.py)
--   put_off             the mark of a channel that cannot carry the message
--   known, text_facts, hours, opens_at, outside_hours, no_way, passed_over, look_again         when a person may be
--                       sent something, and by which channel (matching/may_send.py)
--   usable              the providers that may be given a template (notifications/delivery/gateways.py)
--   ways                the person's channels that have not failed
-- Returns a row for each notice that it checked, as `Claimed`; without a delivery_id where none began.
WITH picked AS MATERIALIZED (
    SELECT * FROM notifications_notice WHERE id = ANY(%(notices)s) AND state = 'ready'
    FOR UPDATE SKIP LOCKED -- another transaction is closing those
), known AS ({known}), texts AS MATERIALIZED (
    SELECT w.id AS wording_id, w.stage_id, {text_facts}
    FROM known
    JOIN subscriptions_wording w ON w.channel = known.channel
    LEFT JOIN notifications_channelstate cs ON cs.channel = w.channel
    CROSS JOIN LATERAL ({usable}) usable
    WHERE w.stage_id IN (SELECT stage_id FROM picked)
), hours AS MATERIALIZED ( -- once: a time zone is looked up by its name each time
    {hours}
), decided AS MATERIALIZED (
    SELECT facts.*, CASE WHEN obstacle = '' THEN nextval('notifications_delivery_id_seq') END AS delivery_id, CASE
        WHEN obstacle = '' THEN 'sending'
        WHEN obstacle = 'too_late' THEN 'too_late'
        WHEN obstacle IN ('no_channel', 'all_channels_failed') THEN 'failed'
        WHEN obstacle IN ('objection', 'calm', 'quiet_hours', 'wording_stopped', 'channel_paused') THEN 'ready'
        ELSE 'cancelled' END AS next
    FROM (SELECT n.id, n.citizen_id, n.fence, n.tried, r.version AS record_version,
        way.channel, way.gateways, way.wording_id, way.vendor_template, way.address, way.paused_until,
        c.name_encrypted, c.birth_date_encrypted,
        CASE WHEN st.trigger <> 'not_yours' THEN r.payload_encrypted END AS payload_encrypted,
        CASE WHEN st.trigger <> 'not_yours' THEN r.told_encrypted END AS told_encrypted,
        CASE WHEN st.trigger <> 'not_yours' THEN r.announce_digest END AS says,
        r.external_id, r.agency_id, coalesce(anchor.day, {earlier_day}) AS anchor, {earlier} AS earlier,
        CASE WHEN NOT n.urgent AND {outside_hours} THEN {opens_at} END AS opens_at, hours.today,
        bundle.at AS bundle_at, {no_end} AS endless,
        CASE
            WHEN c.state <> 'active' THEN 'erased'
            WHEN s.id IS NULL THEN 'unsubscribed'
            WHEN co.withdrawn_at IS NOT NULL THEN 'consent_withdrawn'
            WHEN CASE WHEN st.trigger = 'not_yours' THEN ({earlier}) IS NULL ELSE n.not_theirs_at IS NOT NULL END
                OR (st.trigger = 'not_yours') = {about} -- evaluated once for each notice
                THEN CASE WHEN st.trigger = 'not_yours' THEN 'superseded' ELSE 'another_person' END
            WHEN r.state = 'withdrawn' AND st.trigger NOT IN {of_withdrawn} THEN 'withdrawn_by_agency'
            WHEN {settled} THEN 'settled'
            WHEN {superseded} THEN 'superseded'
            WHEN n.expires_at <= %(now)s THEN 'too_late'
            -- a pause files no objection: reminders of a coming day go on
            WHEN st.trigger = 'date' AND st.offset_days > 0 AND r.objected_at IS NOT NULL THEN 'objection'
            WHEN bundle.at IS NOT NULL THEN 'calm'
            WHEN NOT n.urgent AND {outside_hours} THEN 'quiet_hours'
            {no_way}
            ELSE ''
        END AS obstacle
    FROM picked n
    CROSS JOIN hours
    JOIN notifications_record r ON r.id = n.record_id
    JOIN subscriptions_stage st ON st.id = n.stage_id
    JOIN subscriptions_citizen c ON c.id = n.citizen_id AND {of_whom}
    LEFT JOIN subscriptions_subscription s
        ON s.citizen_id = n.citizen_id AND s.data_type_id = r.data_type_id AND s.ended_at IS NULL
    LEFT JOIN subscriptions_consent co ON co.id = s.consent_id AND co.citizen_id = s.citizen_id
    CROSS JOIN LATERAL (SELECT {day} AS day) anchor
    CROSS JOIN LATERAL (SELECT {bundle_at} AS at) bundle
    LEFT JOIN LATERAL (
        ({ways} AND NOT t.stopped AND NOT ({passed_over}) AND cc.channel || '{put_off}' <> ALL(n.tried)
         ORDER BY cc.position LIMIT 1)
        UNION ALL -- read only where there is no such channel; it would find the same first
        ({ways}
         ORDER BY t.stopped, {passed_over}, cc.channel || '{put_off}' = ANY(n.tried), cc.position LIMIT 1)
        LIMIT 1
    ) way ON true
    OFFSET 0) facts -- each obstacle is found once
), moved AS (
    UPDATE notifications_notice n SET
        state = d.next,
        reason = d.obstacle,
        fence = CASE WHEN d.next = 'sending' THEN d.fence + 1 ELSE d.fence END,
        record_version = CASE WHEN d.next = 'sending' THEN d.record_version ELSE n.record_version END,
        told_digest = CASE WHEN d.next = 'sending' THEN d.says ELSE n.told_digest END,
        bundle_at = CASE WHEN d.obstacle = 'calm' THEN d.bundle_at ELSE n.bundle_at END,
        expires_at = CASE WHEN d.obstacle = 'calm' AND d.endless
                          THEN greatest(n.expires_at, d.bundle_at + interval '7 days') ELSE n.expires_at END,
        not_before = CASE d.obstacle WHEN 'calm' THEN d.bundle_at
            WHEN 'objection' THEN %(now)s + interval '1 day'
            {look_again}
            ELSE n.not_before END,
        finished_at = CASE WHEN d.next IN ('cancelled', 'too_late', 'failed') THEN %(now)s END,
        cause = CASE WHEN d.obstacle = 'another_person' AND n.not_theirs_at IS NULL
                     THEN {freed_cause} ELSE n.cause END,
        not_theirs_at = CASE WHEN d.obstacle = 'another_person' THEN coalesce(n.not_theirs_at, %(now)s)
                             ELSE n.not_theirs_at END
    FROM ( -- without what the message is made of: all of `d` is copied for each notice
        SELECT id, fence, record_version, says, obstacle, next, bundle_at, endless, opens_at, paused_until,
            delivery_id, channel, gateways, wording_id, today
        FROM decided OFFSET 0
    ) d WHERE n.id = d.id
    RETURNING d.id, d.next, d.delivery_id, d.fence, d.channel, d.gateways, d.wording_id, d.today
), out_of_line AS (
    DELETE FROM notifications_due q USING moved WHERE q.notice_id = moved.id AND moved.next = 'sending'
), begun AS (
    INSERT INTO notifications_delivery
        (id, notice_id, fence, channel, gateway, wording_id, state, code, vendor_id, batch_key, started_at, day, asked, ask_at)
    SELECT delivery_id, id, fence + 1, channel, split_part(gateways, ',', 1), wording_id, 'sending', '', '', %(batch_key)s, clock_timestamp(),
        today, 0, clock_timestamp() + make_interval(secs => %(lease)s)
    FROM moved WHERE delivery_id IS NOT NULL
)
SELECT delivery_id, id, channel, wording_id, citizen_id::text, name_encrypted, address, payload_encrypted,
    told_encrypted, agency_id, external_id, anchor, earlier, birth_date_encrypted, vendor_template,
    channel || '{put_off}' = ANY(tried) AS last_resort, gateways
FROM decided ORDER BY delivery_id -- all of them are moved: their rows are locked
