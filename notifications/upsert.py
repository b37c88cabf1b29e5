"""How a page of rows gets into the table of records, and which of two lines is newer: the SQL of ingest.py."""

STAGING = """
CREATE TEMPORARY TABLE IF NOT EXISTS ingest_row (
    external_id text, data_type_id smallint, version int, state text, event text, ci_hash bytea, person_hash bytea,
    date_1 date, date_2 date, date_3 date, date_4 date, happens_at timestamptz,
    announce_digest bytea, payload_encrypted bytea, content_digest bytea
) ON COMMIT DELETE ROWS;
TRUNCATE ingest_row
"""
COLUMNS = (
    "external_id, data_type_id, version, state, event, ci_hash, person_hash, date_1, date_2, date_3, date_4, "
    "happens_at, announce_digest, payload_encrypted, content_digest"
)
# Whether the digest of the stored record can be compared: it is of this version, and was read by the same fields.
_COMPARABLE = "r.digest_version = r.version AND substr(r.content_digest, 1, 4) = substr({row}.content_digest, 1, 4)"
# An older version never overwrites a newer one; the same version changes nothing. A feed without versions says with
# other content that it is newer. What was paid here stays paid while the agency's news still call it open: they may be
# older than our word to it.
NEWER = {
    True: {"version": "excluded.version", "newer": "r.version < excluded.version"},
    False: {
        "version": "r.version + 1",
        "newer": f"({_COMPARABLE.format(row='excluded')} AND r.content_digest = excluded.content_digest) IS NOT TRUE",
    },
}
_STATE = "CASE WHEN r.paid_here_at IS NOT NULL AND excluded.state = 'open' THEN 'paid' ELSE excluded.state END"
UPSERT = f"""
WITH written AS (
INSERT INTO notifications_record AS r
    (agency_id, batch_id, changed_version, first_seen_at, received_at, digest_version, {COLUMNS})
SELECT %(agency)s, %(batch)s, 0, %(now)s, %(now)s, version, {COLUMNS} FROM ingest_row ORDER BY external_id
ON CONFLICT (agency_id, external_id) DO UPDATE SET
    batch_id = excluded.batch_id, data_type_id = excluded.data_type_id, version = {{version}}, state = {_STATE},
    event = excluded.event, ci_hash = excluded.ci_hash, person_hash = excluded.person_hash,
    date_1 = excluded.date_1, date_2 = excluded.date_2, date_3 = excluded.date_3, date_4 = excluded.date_4,
    happens_at = excluded.happens_at, payload_encrypted = excluded.payload_encrypted,
    announce_digest = excluded.announce_digest, received_at = excluded.received_at,
    content_digest = excluded.content_digest, digest_version = {{version}},
    state_version = CASE WHEN r.state <> {_STATE}
                         THEN greatest({{version}}, r.state_version + 1) ELSE r.state_version END,
    event_version = CASE WHEN r.event <> excluded.event THEN {{version}} ELSE r.event_version END,
    changed_version = CASE WHEN r.announce_digest IS DISTINCT FROM excluded.announce_digest
                           THEN {{version}} ELSE r.changed_version END,
    subject_version = CASE WHEN r.ci_hash IS DISTINCT FROM excluded.ci_hash
                                OR r.person_hash IS DISTINCT FROM excluded.person_hash
                           THEN {{version}} ELSE r.subject_version END
WHERE {{newer}} AND r.data_type_id = excluded.data_type_id
RETURNING (xmax = 0) AS fresh, r.id, r.subject_version, r.version
)
SELECT count(*), count(*) FILTER (WHERE fresh), array_agg(id) FILTER (WHERE subject_version > 0),
    count(*) FILTER (WHERE subject_version = version)
FROM written
"""  # noqa: S608  (column names are constants)
# What was not written and is no duplicate. An agency's number is never reused; where two of its feeds do so all the
# same, neither record may hide the other. And the same version is not said twice with other content: which of the two
# holds is the agency's to say. A record of the release before this one has no digest: it is compared by what stands in
# the clear, and takes the digest of the first line that does not contradict it.
NOT_TAKEN = f"""
WITH met AS MATERIALIZED (
    SELECT i.external_id, r.id, i.content_digest, r.data_type_id <> i.data_type_id AS foreign_type,
        %(numbered)s AND r.data_type_id = i.data_type_id AND r.version = i.version AS same_version,
        {_COMPARABLE.format(row="i")} AS comparable, r.content_digest = i.content_digest AS same_content,
        r.digest_version <> r.version AND r.announce_digest <> i.announce_digest
            OR r.event <> i.event OR r.state <> i.state AND i.state <> 'open'
            OR r.ci_hash IS DISTINCT FROM i.ci_hash OR r.person_hash IS DISTINCT FROM i.person_hash AS contradicts
    FROM ingest_row i JOIN notifications_record r ON r.agency_id = %(agency)s AND r.external_id = i.external_id
), adopted AS (
    UPDATE notifications_record r SET content_digest = met.content_digest, digest_version = r.version
    FROM met WHERE r.id = met.id AND met.same_version AND met.comparable IS NOT TRUE AND NOT met.contradicts
)
SELECT external_id, foreign_type FROM met
WHERE foreign_type OR same_version AND CASE WHEN comparable THEN NOT same_content ELSE contradicts END
ORDER BY 1
"""  # noqa: S608  (constants)
