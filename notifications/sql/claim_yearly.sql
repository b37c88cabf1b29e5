-- Claim yearly messages that are due: end or postpone those that may not go, and begin an attempt of the others.
--
-- Runs before any HTTP. Consent, refusal, hours, calm mode, channels and templates are read in this statement, as by
-- claim.sql. The first obstacle in the list counts. Nothing is claimed while no version of the texts is live. Whom no
-- channel reaches is looked for again until the run of the next year: by a channel that they choose meanwhile, or by one
-- that had failed, once they have another address there.
--
-- Parameters
--   channels, kinds, templated, gateways         the channels in use, as of claim.sql
--   now                 for hours and days; an attempt's lease begins then
--   year                of the run at work: what is left of an earlier one is too late
--   most                how many messages it looks at
--   lease, day_starts, day_ends, calm_at, calm_gather         seconds and times of the day, from the settings
--   batch_key           the key that the gateway is given for the whole batch
--   calm_behind         seconds that it stays behind the bundled message, which carries what is due of that day
--   unreached           seconds until the next look for whom no channel reaches
--   calm_turns          how often it gives way to another message of the person's day, at the most
-- Fragments
--   clock, days         the hour of the person's bundled message, and the days until the next one (matching/may_wait.py)
--   yearly              code of the data type that holds the texts
--   usable              the providers that may be given a template (notifications/delivery/gateways.py)
--   known, text_facts, hours, opens_at, outside_hours, no_way, ways, passed_over, look_again   when a person may be sent
--                       something, and by which channel (matching/may_send.py)
-- Returns what each attempt needs, in the order of their ids, and how many messages it looked at, in every row; one row
-- with nothing else where no attempt began.
WITH known AS ({known}), texts AS MATERIALIZED (
    SELECT w.id AS template_id, {text_facts}
    FROM subscriptions_datatype dt
    JOIN subscriptions_stage st ON st.version_id = dt.live_version_id
    JOIN subscriptions_wording w ON w.stage_id = st.id
    JOIN known ON known.channel = w.channel
    LEFT JOIN notifications_channelstate cs ON cs.channel = w.channel
    CROSS JOIN LATERAL ({usable}) usable
    WHERE dt.code = '{yearly}'
), picked AS MATERIALIZED (
    SELECT * FROM notifications_yearlymessage
    WHERE state = 'waiting' AND look_at <= %(now)s AND EXISTS (SELECT FROM texts)
    ORDER BY look_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), hours AS ({hours}), facts AS MATERIALIZED (
    SELECT n.id, n.citizen_id, n.attempts, c.name_encrypted, way.channel, way.gateways, way.template_id,
        way.vendor_template, way.address, way.paused_until, calm.at AS calm_at,
        {opens_at} AS opens_at, n.year < %(year)s AS is_over,
        CASE
            WHEN c.state <> 'active' OR NOT EXISTS (
                SELECT FROM subscriptions_consent co JOIN subscriptions_consenttext ct ON ct.id = co.text_id
                WHERE co.citizen_id = n.citizen_id AND co.withdrawn_at IS NULL AND ct.code = 'service')
                THEN 'consent_withdrawn'
            WHEN EXISTS (SELECT FROM notifications_yearlyrefusal re WHERE re.citizen_id = n.citizen_id) THEN 'refused'
            WHEN n.year < %(year)s AND way.channel IS NOT NULL THEN 'too_late'
            WHEN calm.at IS NOT NULL AND (n.waited = 0 OR n.waited <= %(calm_turns)s AND EXISTS (
                SELECT FROM notifications_notice nn JOIN notifications_delivery d ON d.notice_id = nn.id
                WHERE nn.citizen_id = n.citizen_id AND nn.created_at > %(now)s - interval '30 days'
                    AND d.day = hours.today)) THEN 'calm'
            WHEN {outside_hours} THEN 'quiet_hours'
            {no_way}
            ELSE ''
        END AS obstacle
    FROM picked n
    CROSS JOIN hours
    JOIN subscriptions_citizen c ON c.id = n.citizen_id
    CROSS JOIN LATERAL (SELECT {clock} AS clock) bundle
    CROSS JOIN LATERAL (
        SELECT CASE WHEN c.calm <> 'none' THEN (hours.today + {days} + bundle.clock) AT TIME ZONE 'Asia/Seoul'
                                               + make_interval(secs => %(calm_behind)s) END AS at
    ) calm
    LEFT JOIN LATERAL (
        {ways} ORDER BY t.stopped, {passed_over}, cc.position LIMIT 1
    ) way ON true
), decided AS MATERIALIZED (
    SELECT f.*, CASE
        WHEN obstacle = '' THEN 'sending'
        WHEN obstacle = 'too_late' THEN 'too_late'
        WHEN obstacle IN ('no_channel', 'all_channels_failed') THEN CASE WHEN is_over THEN 'failed' ELSE 'waiting' END
        WHEN obstacle IN ('calm', 'quiet_hours', 'wording_stopped', 'channel_paused') THEN 'waiting'
        ELSE 'cancelled' END AS next
    FROM facts f
), moved AS (
    UPDATE notifications_yearlymessage n SET
        state = d.next,
        reason = d.obstacle,
        attempts = CASE WHEN d.next = 'sending' THEN n.attempts + 1 ELSE n.attempts END,
        channel = CASE WHEN d.next = 'sending' THEN d.channel ELSE n.channel END,
        gateway = CASE WHEN d.next = 'sending' THEN split_part(d.gateways, ',', 1) ELSE n.gateway END,
        template_id = CASE WHEN d.next = 'sending' THEN d.template_id ELSE n.template_id END,
        code = CASE WHEN d.next = 'sending' THEN '' ELSE n.code END,
        batch_key = CASE WHEN d.next = 'sending' THEN %(batch_key)s ELSE n.batch_key END,
        started_at = CASE WHEN d.next = 'sending' THEN %(now)s ELSE n.started_at END,
        waited = CASE WHEN d.obstacle = 'calm' THEN n.waited + 1 ELSE n.waited END,
        look_at = CASE WHEN d.next = 'sending' THEN %(now)s + make_interval(secs => %(lease)s)
            WHEN d.next <> 'waiting' THEN NULL
            ELSE CASE d.obstacle WHEN 'calm' THEN d.calm_at
            {look_again}
            ELSE %(now)s + make_interval(secs => %(unreached)s) END END,
        finished_at = CASE WHEN d.next IN ('cancelled', 'too_late', 'failed') THEN %(now)s END
    FROM decided d WHERE n.id = d.id
)
SELECT d.id, d.attempts + 1, d.channel, d.template_id, d.citizen_id::text, d.name_encrypted, d.address,
    d.vendor_template, d.gateways, looked.at
FROM (SELECT count(*) AS at FROM decided) looked LEFT JOIN decided d ON d.next = 'sending'
ORDER BY d.id
