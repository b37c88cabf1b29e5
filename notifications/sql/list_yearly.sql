-- List the next people, in the order of their ids, for the yearly message of a year, and remember how far.
--
-- Two at the same time: the second one waits for the row of the run, and goes on behind the first.
--
-- Parameters
--   year, before        of the run: its year, and the moment before which a person was enrolled
--   most                how many people it looks at
--   now
-- Returns how many it looked at, how many people the run has by now, and whether these were the last; no row where
-- everyone is listed.
WITH run AS MATERIALIZED (
    SELECT * FROM notifications_yearlyrun WHERE year = %(year)s AND listed_at IS NULL FOR UPDATE
), next AS MATERIALIZED (
    SELECT c.id, c.state, c.created_at FROM run
    CROSS JOIN LATERAL (
        SELECT * FROM subscriptions_citizen c
        WHERE c.id > coalesce(run.after, '00000000-0000-0000-0000-000000000000') ORDER BY c.id LIMIT %(most)s
    ) c
), listed AS (
    INSERT INTO notifications_yearlymessage
        (citizen_id, year, state, reason, attempts, tried, channel, gateway, code, batch_key, vendor_id, look_at, polls, waited)
    SELECT c.id, %(year)s, 'waiting', '', 0, '{}', '', '', '', '', '', %(now)s, 0, 0 FROM next c
    WHERE c.state = 'active' AND c.created_at < %(before)s AND EXISTS (
        SELECT FROM subscriptions_consent co JOIN subscriptions_consenttext ct ON ct.id = co.text_id
        WHERE co.citizen_id = c.id AND co.withdrawn_at IS NULL AND ct.code = 'service')
    ORDER BY c.id ON CONFLICT DO NOTHING
    RETURNING 1
), counted AS (
    SELECT (SELECT count(*) FROM next) AS looked_at, (SELECT count(*) FROM listed) AS people,
        (SELECT id FROM next ORDER BY id DESC LIMIT 1) AS last
)
UPDATE notifications_yearlyrun r SET
    after = coalesce(counted.last, r.after),
    people = r.people + counted.people,
    listed_at = CASE WHEN counted.looked_at < %(most)s THEN %(now)s END
FROM run, counted WHERE r.year = run.year
RETURNING counted.looked_at, r.people, r.listed_at IS NOT NULL
