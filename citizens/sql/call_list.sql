-- The people of one office whom an urgent notice has not reached, and whom it may call: the newest such notice first.
--
-- By the index of the office's papers, and for each person by the index of their notices: no more is read than the
-- office has people. Who is reached later, opens a notice, withdraws or was called is simply not found any more.
--
-- A consent has an office only where it is on paper.
--
-- Parameters
--   office               bigint
--   data_type            the only kind that the office's paper is about
--   made_after, made_by  timestamptz  when the notice was made: neither too long ago, nor too lately
--   citizen              uuid        only this person; NULL: all
--   before               bigint      only notices with a smaller number; NULL: all
--   no_answers           int         so many calls in vain are enough
--   most                 int
-- Fragments
--   reached, not_reached             notifications/models/reach.py, of a notice `n`
-- Returns citizen, number of the notice, when it was made, how many calls there were since, outcome and day of the last.
WITH people AS (
    SELECT DISTINCT co.citizen_id FROM subscriptions_consent co
    JOIN subscriptions_consenttext t ON t.id = co.text_id AND t.code = 'office_call'
    WHERE co.office_id = %(office)s AND co.withdrawn_at IS NULL
        AND (%(citizen)s::uuid IS NULL OR co.citizen_id = %(citizen)s)
)
SELECT p.citizen_id, missed.id, missed.created_at, calls.number, last.outcome, last.next_call_on
FROM people p
JOIN subscriptions_citizen c ON c.id = p.citizen_id AND c.state = 'active'
CROSS JOIN LATERAL (
    SELECT n.id, n.created_at FROM notifications_notice n
    JOIN subscriptions_stage s ON s.id = n.stage_id
    JOIN subscriptions_datatypeversion v ON v.id = s.version_id AND v.data_type_id = %(data_type)s
    WHERE n.citizen_id = p.citizen_id AND n.urgent AND n.created_at BETWEEN %(made_after)s AND %(made_by)s
        AND ({not_reached} OR n.state IN ('ready', 'sending', 'unknown', 'review'))
    ORDER BY n.id DESC LIMIT 1
) missed
CROSS JOIN LATERAL (
    SELECT count(*) AS number FROM citizens_officecall k
    WHERE k.citizen_id = p.citizen_id AND k.called_at >= missed.created_at
) calls
LEFT JOIN LATERAL (
    SELECT k.outcome, k.next_call_on, k.called_at FROM citizens_officecall k
    WHERE k.citizen_id = p.citizen_id ORDER BY k.id DESC LIMIT 1
) last ON true
WHERE (%(before)s::bigint IS NULL OR missed.id < %(before)s)
    AND EXISTS (
        SELECT 1 FROM subscriptions_consent co JOIN subscriptions_consenttext t ON t.id = co.text_id
        JOIN subscriptions_datatype dt ON dt.code = t.code AND dt.id = %(data_type)s
        WHERE co.citizen_id = p.citizen_id AND co.office_id = %(office)s AND co.withdrawn_at IS NULL)
    AND NOT EXISTS (
        SELECT 1 FROM notifications_notice n
        WHERE n.citizen_id = p.citizen_id AND n.id >= missed.id
            AND ({reached} OR EXISTS (SELECT 1 FROM citizens_readnotice rd WHERE rd.notice_id = n.id)))
    AND calls.number < %(no_answers)s
    AND (last.called_at IS NULL OR last.called_at < missed.created_at OR last.outcome = 'no_answer')
ORDER BY missed.id DESC LIMIT %(most)s
