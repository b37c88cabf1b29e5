-- Find the lines of a page (the temporary table ingest_row) that were not written and are no duplicates.
--
-- An agency's number is never reused; where two of its feeds do so all the same, neither record may hide the other. And
-- the same version may not come with other content: only the agency can decide between the two. A record of the
-- previous release has no digest: it is compared by its clear columns, and gets the digest of the first line that does
-- not contradict them.
--
-- Parameters
--   agency               bigint
--   numbered             boolean     whether the feed numbers its versions
-- Fragments
--   comparable           whether the digest of the stored record can be compared with the line's
-- Returns the agency's number of each, and whether the record is of another data type.
WITH met AS MATERIALIZED (
    SELECT i.external_id, r.id, i.content_digest, r.data_type_id <> i.data_type_id AS foreign_type,
        %(numbered)s AND r.data_type_id = i.data_type_id AND r.version = i.version AS same_version,
        {comparable} AS comparable, r.content_digest = i.content_digest AS same_content,
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
