-- Read one page of a person's notices, the newest first.
--
-- A short look-up for each row, along the index of the person's own notices. Locks nothing.
--
-- Parameters
--   citizen              uuid
--   before               bigint      only notices older than this one
--   kind                 text        code of a data type; '' for all
--   most                 int         rows
-- Fragments
--   about                whether the record is about the person now (notifications/matching/subject.py)
--   chosen               which of them (citizens/inbox/notices.py)
-- Returns the columns of `Row`.
SELECT n.id, n.state, n.reason, n.created_at, n.not_before, st.label_ko, st.label_en,
    coalesce(dt.live_version_id, st.version_id), dt.payable, r.id, r.state,
    CASE WHEN theirs.now THEN r.payload_encrypted END, CASE WHEN theirs.now THEN r.told_encrypted END,
    r.external_id, a.code, theirs.now, rd.notice_id IS NOT NULL,
    last.channel, last.arrived
FROM notifications_notice n
JOIN subscriptions_stage st ON st.id = n.stage_id
JOIN notifications_record r ON r.id = n.record_id
JOIN subscriptions_datatype dt ON dt.id = r.data_type_id
JOIN subscriptions_agency a ON a.id = r.agency_id
CROSS JOIN LATERAL (SELECT n.not_theirs_at IS NULL AND st.trigger <> 'not_yours' AND {about} AS now) theirs
LEFT JOIN citizens_readnotice rd ON rd.notice_id = n.id
LEFT JOIN LATERAL (
    SELECT d.channel, d.state = 'delivered' AS arrived FROM notifications_delivery d
    WHERE d.notice_id = n.id ORDER BY d.state = 'delivered' DESC, d.fence DESC LIMIT 1
) last ON true
WHERE n.citizen_id = %(citizen)s AND n.id < %(before)s AND (%(kind)s = '' OR dt.code = %(kind)s) AND {chosen}
ORDER BY n.id DESC LIMIT %(most)s
