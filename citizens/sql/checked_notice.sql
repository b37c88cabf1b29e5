-- The notice, test message or yearly message behind a check code, as far as the public may be told of it.
-- Parameters
--   notice           its number
--   trials, yearly   the first numbers of test messages and of yearly messages
--   short            whether the code was one of eight letters, which only notices have that were sent before the
--                    migration of that name and app ran, or within the time overlap after it
-- Returns at most one row: the kind in both languages, the channel and time of the attempt that went furthest, the
-- person, and the encrypted number where that attempt went to it.
WITH message AS (
    SELECT d.wording_id, d.channel, d.started_at, n.citizen_id
    FROM notifications_notice n
    CROSS JOIN LATERAL (
        SELECT a.channel, a.started_at, a.wording_id FROM notifications_delivery a
        -- A returned one never left: no phone shows its code.
        WHERE a.notice_id = n.id AND a.state <> 'returned'
        ORDER BY a.state = 'delivered' DESC, a.state = 'failed', a.fence DESC
        LIMIT 1
    ) d
    WHERE n.id = %(notice)s
        AND (NOT %(short)s OR d.started_at < (
            SELECT m.applied + %(overlap)s FROM django_migrations m WHERE m.app = %(app)s AND m.name = %(migration)s
        ))
    UNION ALL
    SELECT t.template_id, t.channel, t.started_at, t.citizen_id FROM notifications_trialmessage t
    WHERE t.id = %(notice)s - %(trials)s AND NOT %(short)s AND t.state NOT IN ('waiting', 'returned')
    UNION ALL
    SELECT y.template_id, y.channel, y.started_at, y.citizen_id FROM notifications_yearlymessage y
    WHERE y.id = %(notice)s - %(yearly)s AND NOT %(short)s AND y.started_at IS NOT NULL
)
SELECT v.name_ko, v.name_en, m.channel, m.started_at, m.citizen_id, c.value_encrypted
FROM message m
JOIN subscriptions_wording w ON w.id = m.wording_id
JOIN subscriptions_stage s ON s.id = w.stage_id
JOIN subscriptions_datatypeversion v ON v.id = s.version_id
LEFT JOIN subscriptions_contact c ON c.citizen_id = m.citizen_id AND c.kind = 'phone'
    AND m.channel <> 'toss' AND c.changed_at <= m.started_at
