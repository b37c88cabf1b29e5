-- One part of the notices of a figure, newest first: of one day and kind, by their outcome and way.
--
-- Reads a part of the notices between two numbers, so that no page costs more than that.
--
-- Parameters
--   first, last          bigint      the notices lie between these numbers
--   most                 int         how many are read
--   day, data_type       which they are
--   outcome, way         text        NULL: whichever
-- Fragments
--   outcome_of, way_of, day_made, of_version     notifications/models/reach.py
-- Returns id, created_at, finished_at, state, reason, tried, stage's labels, citizen; and, in a last row of NULLs but
-- for the id, the oldest notice that was read.
WITH part AS MATERIALIZED (
    SELECT * FROM notifications_notice WHERE id BETWEEN %(first)s AND %(last)s ORDER BY id DESC LIMIT %(most)s
), found AS (
    SELECT n.id, n.created_at, n.finished_at, n.state, n.reason, n.tried, s.label_ko, s.label_en, n.citizen_id
    FROM part n {of_version}
    WHERE v.data_type_id = %(data_type)s AND {day_made} = %(day)s
        AND (%(outcome)s::text IS NULL OR {outcome_of} = %(outcome)s) AND (%(way)s::text IS NULL OR {way_of} = %(way)s)
)
(SELECT * FROM found ORDER BY id DESC)
UNION ALL
(SELECT min(id), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM part)
