-- The notice, test message or yearly message behind a check code, as far as the public may be told of it.
-- Parameters: notice, its number; trials and yearly, the first numbers of test and yearly messages; short, whether the code was one of eight letters, which only notices have that were
-- sent before the migration of that name and app ran, or within the time overlap after it.
-- Returns at most one row: the kind in both languages, the channel and time of the attempt that went furthest, the
-- person, and the encrypted number where that attempt went to it.
SELECT v.name_ko, v.name_en, d.channel, d.started_at, n.citizen_id, c.value_encrypted
FROM notifications_notice n
CROSS JOIN LATERAL (
    SELECT a.channel, a.started_at, a.wording_id FROM notifications_delivery a
    -- A returned one never left: no phone shows its code.
    WHERE a.notice_id = n.id AND a.state <> 'returned'
    ORDER BY a.state = 'delivered' DESC, a.state = 'failed', a.fence DESC
    LIMIT 1
) d
JOIN subscriptions_wording w ON w.id = d.wording_id
JOIN subscriptions_stage s ON s.id = w.stage_id
JOIN subscriptions_datatypeversion v ON v.id = s.version_id
LEFT JOIN subscriptions_contact c ON c.citizen_id = n.citizen_id AND c.kind = 'phone'
    AND d.channel <> 'toss' AND c.changed_at <= d.started_at
WHERE n.id = %(notice)s
    AND (NOT %(short)s OR d.started_at < (
        SELECT m.applied + %(overlap)s FROM django_migrations m WHERE m.app = %(app)s AND m.name = %(migration)s
    ))
UNION ALL
SELECT v.name_ko, v.name_en, t.channel, t.started_at, t.citizen_id, c.value_encrypted
FROM notifications_trialmessage t
JOIN subscriptions_wording w ON w.id = t.template_id
JOIN subscriptions_stage s ON s.id = w.stage_id
JOIN subscriptions_datatypeversion v ON v.id = s.version_id
LEFT JOIN subscriptions_contact c ON c.citizen_id = t.citizen_id AND c.kind = 'phone'
    AND t.channel <> 'toss' AND c.changed_at <= t.started_at
WHERE t.id = %(notice)s - %(trials)s AND NOT %(short)s AND t.state NOT IN ('waiting', 'returned')
UNION ALL
SELECT v.name_ko, v.name_en, y.channel, y.started_at, y.citizen_id, c.value_encrypted
FROM notifications_yearlymessage y
JOIN subscriptions_wording w ON w.id = y.template_id
JOIN subscriptions_stage s ON s.id = w.stage_id
JOIN subscriptions_datatypeversion v ON v.id = s.version_id
LEFT JOIN subscriptions_contact c ON c.citizen_id = y.citizen_id AND c.kind = 'phone'
    AND y.channel <> 'toss' AND c.changed_at <= y.started_at
WHERE y.id = %(notice)s - %(yearly)s AND NOT %(short)s AND y.started_at IS NOT NULL
