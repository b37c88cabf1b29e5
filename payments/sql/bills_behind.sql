-- Find the bills that are behind their record.
-- A bill that is found here is not found again once it was followed. The last condition is for a bill that was opened
-- in the instant in which its debt was paid for another one; the debts of two days are few.
--
-- Parameters
--   now                  timestamptz
--   limit                int
-- Fragments
--   about                whether the record is about the person of the bill (notifications/models/record.py)
-- Returns the ids of the bills.
WITH settled AS MATERIALIZED (
    SELECT c.debt FROM payments_settlement s
    JOIN payments_payment p ON p.id = s.payment_id AND p.state IN ('paid', 'part_refunded')
    JOIN payments_bill c ON c.id = p.bill_id
    WHERE s.day >= (%(now)s::timestamptz AT TIME ZONE 'Asia/Seoul')::date - 2
)
SELECT b.id FROM payments_bill b CROSS JOIN LATERAL (
    -- by its key, whatever number of bills the planner estimates: most records have none
    SELECT version, state, received_at, ci_hash, person_hash FROM notifications_record WHERE id = b.record_id LIMIT 1
) r
WHERE (b.follow_at IS NULL OR b.follow_at <= clock_timestamp()) AND (
   b.seen_version IS DISTINCT FROM r.version
   OR b.state = 'open' AND r.state <> 'open'
   OR (b.state = 'refunded' AND r.state = 'open' OR b.state = 'closed' AND r.state = 'open'
         AND (b.reason IN ('paid_elsewhere', 'cancelled_by_agency', 'objected', 'sibling', 'another_person')
              OR b.reason = 'objection' AND r.received_at > b.changed_at))
      AND {about}
      AND NOT EXISTS (SELECT 1 FROM payments_bill o WHERE o.record_id = b.record_id AND o.state = 'open')
      AND NOT EXISTS (SELECT 1 FROM payments_bill c JOIN payments_payment p ON p.bill_id = c.id
                      WHERE c.debt = b.debt AND p.state IN ('paid', 'part_refunded'))
   OR b.state = 'refunded' AND r.state = 'withdrawn' AND {about}
   OR b.state IN ('paid', 'part_refunded') AND (r.state = 'withdrawn' OR b.reason = 'another_person') AND NOT EXISTS (
      SELECT 1 FROM payments_payment p JOIN payments_refund f ON f.payment_id = p.id
      WHERE p.bill_id = b.id AND p.state IN ('paid', 'part_refunded') -- what a person has rejected is decided
        AND (f.state IN ('requested', 'approved', 'sending', 'unknown')
             OR f.requested_by_id IS NULL AND NOT f.outside AND f.code <> 'overtaken'))
   OR b.state = 'open' AND b.debt IN (SELECT debt FROM settled))
ORDER BY b.id LIMIT %(limit)s
