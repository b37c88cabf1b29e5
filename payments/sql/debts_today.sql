-- What a list has to know of today about the debts of a person's records, besides the bills themselves.
--
-- By the bill of each record and person, along its unique index, and what hangs on it. Locks nothing.
--
-- Parameters
--   citizen          uuid
--   records          bigint[]
--   today            date      in Korea
-- Fragments
--   pending          states of payments that are being confirmed or checked
-- Returns rows of (what, record, version, won, day), the quotes in their order:
--   pending          a payment of its bill is being confirmed or checked
--   review           our books and the provider disagree about what is left of one
--   not_paid         its bill has an end other than paid: refunded, in part too, or cancelled by the agency
--   asked            won: what the agency answered today about this version of the record
--   holiday          day: a public holiday that was declared
WITH mine AS MATERIALIZED (
    SELECT b.id, b.record_id, b.state, b.reason FROM payments_bill b
    WHERE b.citizen_id = %(citizen)s AND b.record_id = ANY(%(records)s)
)
SELECT 'pending', mine.record_id, NULL::int, NULL::bigint, NULL::date, 0 AS place
FROM mine JOIN payments_payment p ON p.bill_id = mine.id WHERE p.state IN {pending}
UNION ALL
SELECT 'review', mine.record_id, NULL, NULL, NULL, 0
FROM mine JOIN payments_payment p ON p.bill_id = mine.id WHERE p.review_since IS NOT NULL AND mine.state IN ('paid', 'part_refunded', 'refunded')
UNION ALL
SELECT 'not_paid', record_id, NULL, NULL, NULL, 0 FROM mine
WHERE state IN ('part_refunded', 'refunded') OR (state = 'closed' AND reason = 'cancelled_by_agency')
UNION ALL
SELECT 'asked', mine.record_id, q.record_version, q.agency_amount, NULL, q.id
FROM mine JOIN payments_quote q ON q.bill_id = mine.id WHERE q.day = %(today)s AND q.agency_amount IS NOT NULL
UNION ALL
SELECT 'holiday', NULL, NULL, NULL, h.day, 0 FROM notifications_declaredholiday h WHERE h.withdrawn_at IS NULL
ORDER BY place
