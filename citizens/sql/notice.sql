-- Read one notice of a person with all that its page says of it but for its attempts and its bill.
--
-- A few look-ups by key. Locks nothing.
--
-- Parameters
--   notice               bigint
--   citizen              uuid
-- Fragments
--   around               a notice's stage, record, data type, agency and whether it was opened; `theirs.now`: whether the
--                        record is about the person now (citizens/inbox/notices.py)
-- Returns the columns of `Found`; no row where it is another person's.
SELECT n.id, n.state, n.reason, n.created_at, n.not_before, n.record_version, st.trigger, st.label_ko, st.label_en,
    coalesce(dt.live_version_id, st.version_id), dt.payable, r.id, r.state, r.version, r.external_id, r.first_seen_at,
    r.received_at, coalesce(r.date_1, r.date_2, r.date_3, r.date_4) IS NOT NULL,
    CASE WHEN theirs.now THEN r.payload_encrypted END, CASE WHEN theirs.now THEN r.told_encrypted END, a.code,
    theirs.now, rd.notice_id IS NOT NULL,
    (SELECT max(later.id + 0) FROM notifications_notice later -- by the record's few, not the person's many
     WHERE later.record_id = n.record_id AND later.citizen_id IS NOT DISTINCT FROM n.citizen_id AND later.id > n.id),
    agreed.number, agreed.method, agreed.given_at, agreed.withdrawn_at, phone.value_encrypted, phone.changed_at
FROM notifications_notice n
{around}
LEFT JOIN subscriptions_contact phone ON phone.citizen_id = n.citizen_id AND phone.kind = 'phone'
LEFT JOIN LATERAL ( -- of the subscription by which it was made: the newest that had begun by then
    SELECT t.number, co.method, co.given_at, co.withdrawn_at FROM subscriptions_subscription s
    JOIN subscriptions_consent co ON co.id = s.consent_id JOIN subscriptions_consenttext t ON t.id = co.text_id
    WHERE s.citizen_id = n.citizen_id AND s.data_type_id = r.data_type_id AND s.started_at <= n.created_at
    ORDER BY s.started_at DESC, s.id DESC LIMIT 1
) agreed ON true
WHERE n.id = %(notice)s AND n.citizen_id = %(citizen)s
