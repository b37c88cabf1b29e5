-- What the notices of an office's own people came to, of the kind that its paper is about.
--
-- By the index of the office's papers, and for each person by the index of their notices. Only notices that were made
-- since the paper was signed: what a person got before is none of the office's business.
--
-- Parameters
--   office, data_type    bigint
--   code                 text        of the data type
--   first, after         timestamptz made from the one on and before the other
--   outcome, way         text        only these; NULL: all. '' as outcome: still under way
--   before               bigint      only notices with a smaller number; NULL: all
--   most                 int         rows of a list
-- Fragments
--   outcome_of, way_of               notifications/models/reach.py
--   shown                            what is selected
-- Returns what `shown` selects: the counts by outcome and way, or a list of notices (notifications/reach/office.py).
WITH people AS (
    SELECT co.citizen_id, min(co.given_at) AS since FROM subscriptions_consent co
    JOIN subscriptions_consenttext t ON t.id = co.text_id AND t.code = %(code)s
    JOIN subscriptions_citizen c ON c.id = co.citizen_id AND c.state = 'active'
    WHERE co.office_id = %(office)s AND co.withdrawn_at IS NULL GROUP BY 1
), theirs AS (
    SELECT n.id, n.citizen_id, n.created_at, {outcome_of} AS outcome, {way_of} AS way
    FROM people p
    JOIN notifications_notice n ON n.citizen_id = p.citizen_id
        AND n.created_at >= greatest(%(first)s, p.since) AND n.created_at < %(after)s
    JOIN subscriptions_stage s ON s.id = n.stage_id
    JOIN subscriptions_datatypeversion v ON v.id = s.version_id AND v.data_type_id = %(data_type)s
    WHERE %(before)s::bigint IS NULL OR n.id < %(before)s
)
{shown}
