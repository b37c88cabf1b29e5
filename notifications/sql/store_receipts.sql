-- Store the events of callbacks, each once.
--
-- Parameters
--   gateway              text
--   now                  timestamptz
--   applied              boolean     whether they are applied in the same transaction
--   events, deliveries, verdicts, codes, vendor_ids, happened   one entry for each event; no delivery: not ours
-- Returns the events that are new, as they are applied.
INSERT INTO notifications_receiptevent
    (gateway, event_id, delivery_id, verdict, code, vendor_id, happened_at, received_at, applied_at)
SELECT %(gateway)s, event_id, delivery_id, verdict, code, vendor_id, happened_at, %(now)s,
       CASE WHEN %(applied)s OR delivery_id IS NULL THEN %(now)s::timestamptz END
FROM unnest(%(events)s::text[], %(deliveries)s::bigint[], %(verdicts)s::text[], %(codes)s::text[],
            %(vendor_ids)s::text[], %(happened)s::timestamptz[])
    AS t(event_id, delivery_id, verdict, code, vendor_id, happened_at)
ON CONFLICT (gateway, event_id) DO NOTHING
RETURNING delivery_id, verdict, code, vendor_id, gateway
