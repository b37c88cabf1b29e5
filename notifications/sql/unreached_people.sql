-- Check the unreached people who were not checked for longest.
--
-- Reached: a notice arrived after the newest that did not (a block ended), or that one arrived after all; or its
-- message had gone to another number than the person has now. Hopeful: a version was approved or a template's stop
-- cleared since.
--
-- Parameters
--   most                 int         rows of the table of unreached people
-- Returns the person, whether no subscription is left, whether they are reached, and whether they may be.
WITH oldest AS MATERIALIZED (
    SELECT id, citizen_id FROM subscriptions_unreached ORDER BY looked_at LIMIT %(most)s
), people AS MATERIALIZED (
    SELECT u.citizen_id, max(u.at) AS newest, max(u.notice_id) AS notice_id, min(u.looked_at) AS looked_at
    FROM subscriptions_unreached u WHERE u.citizen_id IN (SELECT citizen_id FROM oldest) GROUP BY 1
), cleared AS (
    SELECT max(cleared_at) AS at FROM notifications_wordingstop
)
SELECT p.citizen_id,
    NOT EXISTS (SELECT 1 FROM subscriptions_subscription s WHERE s.citizen_id = p.citizen_id AND s.ended_at IS NULL),
    EXISTS (SELECT 1 FROM notifications_notice n
            WHERE n.citizen_id = p.citizen_id AND n.state = 'delivered' AND n.finished_at > p.newest)
        OR EXISTS (SELECT 1 FROM notifications_delivery d WHERE d.notice_id = p.notice_id AND d.state = 'delivered')
        OR EXISTS (SELECT 1 FROM notifications_delivery d JOIN subscriptions_contact ct ON ct.changed_at > d.started_at
                   WHERE d.notice_id = p.notice_id AND ct.citizen_id = p.citizen_id AND ct.suspended_at IS NULL),
    cleared.at > p.looked_at OR EXISTS (
        SELECT 1 FROM subscriptions_subscription s JOIN subscriptions_datatype dt ON dt.id = s.data_type_id
        JOIN subscriptions_datatypeversion v ON v.id = dt.live_version_id
        WHERE s.citizen_id = p.citizen_id AND s.ended_at IS NULL AND v.approved_at > p.looked_at)
FROM people p, cleared
