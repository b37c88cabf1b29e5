-- Compare a page of lines (the temporary table ingest_row) with the table of records, for a dry run.
--
-- Parameters
--   agency               bigint
-- Fragments
--   newer                whether the line is newer than the record
-- Returns how many of the lines are new, and how many would change a record.
SELECT count(*) FILTER (WHERE r.id IS NULL),
    count(*) FILTER (WHERE r.data_type_id = i.data_type_id AND {newer})
FROM ingest_row i LEFT JOIN notifications_record r ON r.agency_id = %(agency)s AND r.external_id = i.external_id
