-- Read what a bundled message says of each of its notices.
--
-- Titles are those of the notices' own message templates, which never change once they were live. Nothing here is of a
-- record's content but days, which a locked phone may show.
--
-- Parameters
--   deliveries           bigint[]    of the notices, or of the carriers
-- Fragments
--   which                the column that is compared with them
--   day                  the day that a stage on a date hangs on, none of others
--   next                 the next day of the record, by which notices of one title are distinguished
--   about                whether the record is about the person of the notice (notifications/models/record.py)
--   changed              whether what it said may be another now
-- Returns the delivery, its carrier, the title, the day, the next day, `changed`, and whether it is still about the
-- person; in the order of the lines.
SELECT d.id, d.carrier_id,
    CASE WHEN w.title <> '' AND position('#' IN w.title) = 0 THEN w.title
         WHEN w.language = 'en' THEN v.name_en || ': ' || st.label_en
         ELSE v.name_ko || ': ' || st.label_ko END,
    {day}, next.day, {changed}, n.not_theirs_at IS NULL AND {about}
FROM notifications_delivery d
JOIN notifications_notice n ON n.id = d.notice_id
JOIN notifications_record r ON r.id = n.record_id
JOIN subscriptions_stage st ON st.id = n.stage_id
JOIN subscriptions_datatypeversion v ON v.id = st.version_id
JOIN subscriptions_wording w ON w.id = d.wording_id
CROSS JOIN LATERAL (SELECT {next} AS day) next
WHERE {which} = ANY(%(deliveries)s)
ORDER BY {day} NULLS LAST, next.day NULLS LAST, d.id
