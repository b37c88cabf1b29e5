-- Pick the notices of people whose bundled messages are due, all of a person's together.
--
-- A person is taken whole or not at all: where another transaction holds one of the entries, `whole` is false and the
-- caller leaves the person to the next look. Entries whose bundled message was due go with the others of their person
-- also where a retry or a pause has postponed them: the claim checks each again.
--
-- Parameters
--   now                  timestamptz
--   crashes              int         how often their worker was killed
--   most                 int         entries that are read in their order
-- Returns the notice, its person, and whether all of the person's entries are locked; by person.
WITH first AS MATERIALIZED (
    SELECT citizen_id FROM notifications_bundleentry
    WHERE crashes = %(crashes)s AND not_before <= %(now)s
    ORDER BY not_before, notice_id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), people AS MATERIALIZED (
    SELECT DISTINCT citizen_id FROM first
), locked AS MATERIALIZED (
    SELECT q.notice_id, q.citizen_id FROM people
    JOIN notifications_bundleentry q ON q.citizen_id = people.citizen_id
    WHERE q.crashes = %(crashes)s AND q.bundle_at <= %(now)s
    ORDER BY q.citizen_id, q.notice_id FOR UPDATE OF q SKIP LOCKED
)
SELECT notice_id, citizen_id, count(*) OVER (PARTITION BY citizen_id) = (
    SELECT count(*) FROM notifications_bundleentry e
    WHERE e.citizen_id = locked.citizen_id AND e.crashes = %(crashes)s AND e.bundle_at <= %(now)s) AS whole
FROM locked ORDER BY citizen_id, notice_id
