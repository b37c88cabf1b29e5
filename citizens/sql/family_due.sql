-- Family members who have agreed and whose senior an urgent notice has not reached, with the office that may call: whether
-- the senior is on its call list is asked of each (call_list.sql).
--
-- By the index of family members that are live, and for each by the index of their senior's notices.
--
-- Parameters
--   after               bigint       only family members with a larger number
--   made_after, made_by timestamptz  when the notice was made, as for the call list
--   most                int
-- Fragments
--   not_reached         notifications/models/reach.py, of a notice `n`
-- Returns number of the family member, citizen, office.
SELECT m.id, m.citizen_id, co.office_id FROM subscriptions_familymember m
JOIN subscriptions_consent co ON co.citizen_id = m.citizen_id AND co.withdrawn_at IS NULL AND co.office_id IS NOT NULL
JOIN subscriptions_consenttext t ON t.id = co.text_id AND t.code = 'office_call'
WHERE m.state = 'agreed' AND m.state IN ('asked', 'agreed') AND m.id > %(after)s
    AND EXISTS (
        SELECT 1 FROM notifications_notice n
        WHERE n.citizen_id = m.citizen_id AND n.urgent AND n.created_at BETWEEN %(made_after)s AND %(made_by)s
            AND ({not_reached} OR n.state IN ('ready', 'sending', 'unknown', 'review'))
            AND NOT EXISTS (
                SELECT 1 FROM subscriptions_familytext x WHERE x.member_id = m.id AND x.notice_id = n.id))
ORDER BY m.id LIMIT %(most)s
