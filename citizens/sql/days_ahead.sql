-- Read the open records about a person of the kinds that they subscribe to, that have a day on or after a day.
--
-- By the person's two keys, along the indexes of the records' keys; what is over is left where it is found, since most of a
-- long history is. Locks nothing.
--
-- Parameters
--   citizen              uuid
--   since                date
--   most                 int         rows
--   with_notice          bool        whether the newest notice about each is looked up
-- Returns, the nearest first, the record, its encrypted columns and what opens them, its kind's live version and tariff, and the person's
-- newest notice about it (null where it is not looked up).
SELECT nearest.id, nearest.payload_encrypted, nearest.told_encrypted, nearest.external_id, nearest.code, nearest.live_version_id,
    nearest.payable, newest.id
FROM (
    SELECT r.id, r.payload_encrypted, r.told_encrypted, r.external_id, a.code, dt.live_version_id, dt.payable,
        least(
            CASE WHEN r.date_1 >= %(since)s THEN r.date_1 END, CASE WHEN r.date_2 >= %(since)s THEN r.date_2 END,
            CASE WHEN r.date_3 >= %(since)s THEN r.date_3 END, CASE WHEN r.date_4 >= %(since)s THEN r.date_4 END
        ) AS day
    FROM (
        SELECT r1.id FROM subscriptions_citizenkey k JOIN notifications_record r1 ON r1.ci_hash = k.key_hash
        WHERE k.citizen_id = %(citizen)s
            AND r1.state = 'open' AND greatest(r1.date_1, r1.date_2, r1.date_3, r1.date_4) >= %(since)s
        UNION
        SELECT r2.id FROM subscriptions_citizenkey k JOIN notifications_record r2 ON r2.person_hash = k.key_hash
        WHERE k.citizen_id = %(citizen)s
            AND r2.state = 'open' AND greatest(r2.date_1, r2.date_2, r2.date_3, r2.date_4) >= %(since)s
    ) mine
    JOIN notifications_record r ON r.id = mine.id
    JOIN subscriptions_datatype dt ON dt.id = r.data_type_id
    JOIN subscriptions_agency a ON a.id = r.agency_id
    WHERE dt.live_version_id IS NOT NULL
        AND EXISTS (SELECT 1 FROM subscriptions_subscription s
                    WHERE s.citizen_id = %(citizen)s AND s.data_type_id = r.data_type_id AND s.ended_at IS NULL)
    ORDER BY day, r.id
    LIMIT %(most)s
) nearest
LEFT JOIN LATERAL (
    SELECT n.id FROM notifications_notice n
    WHERE %(with_notice)s AND n.record_id = nearest.id AND n.citizen_id = %(citizen)s ORDER BY n.id DESC LIMIT 1
) newest ON true
ORDER BY nearest.day, nearest.id
