-- Write a page of lines (the temporary table ingest_row) into the table of records.
--
-- An older version never overwrites a newer one; the same version changes nothing. In a feed without versions
-- other content is newer. A record that was paid here stays paid while the agency still reports it as open: the agency
-- may not have processed our posting yet.
--
-- Parameters
--   agency, batch        bigint
--   now                  timestamptz
-- Fragments
--   columns              the columns of a line
--   state                the new state of the record
--   version, newer       its new version, and whether the line is newer
-- Returns how many records were written, how many of them are new, those that have ever been about another person, and
-- how many came to be about another person by this page.
WITH written AS (
INSERT INTO notifications_record AS r
    (agency_id, batch_id, changed_version, first_seen_at, received_at, digest_version, {columns})
SELECT %(agency)s, %(batch)s, 0, %(now)s, %(now)s, version, {columns} FROM ingest_row ORDER BY external_id COLLATE "C"
ON CONFLICT (agency_id, external_id) DO UPDATE SET
    batch_id = excluded.batch_id, data_type_id = excluded.data_type_id, version = {version}, state = {state},
    event = excluded.event, ci_hash = excluded.ci_hash, person_hash = excluded.person_hash,
    date_1 = excluded.date_1, date_2 = excluded.date_2, date_3 = excluded.date_3, date_4 = excluded.date_4,
    happens_at = excluded.happens_at, payload_encrypted = excluded.payload_encrypted,
    announce_digest = excluded.announce_digest, received_at = excluded.received_at,
    content_digest = excluded.content_digest, digest_version = {version},
    state_version = CASE WHEN r.state <> {state}
                         THEN greatest({version}, r.state_version + 1) ELSE r.state_version END,
    event_version = CASE WHEN r.event <> excluded.event THEN {version} ELSE r.event_version END,
    changed_version = CASE WHEN r.announce_digest IS DISTINCT FROM excluded.announce_digest
                           THEN {version} ELSE r.changed_version END,
    subject_version = CASE WHEN r.ci_hash IS DISTINCT FROM excluded.ci_hash
                                OR r.person_hash IS DISTINCT FROM excluded.person_hash
                           THEN {version} ELSE r.subject_version END
WHERE {newer} AND r.data_type_id = excluded.data_type_id
RETURNING (xmax = 0) AS fresh, r.id, r.subject_version, r.version
)
SELECT count(*), count(*) FILTER (WHERE fresh), array_agg(id) FILTER (WHERE subject_version > 0),
    count(*) FILTER (WHERE subject_version = version)
FROM written
