"""MOVE: the two ways in which reports move deliveries, heads of the statement in notifications/sql/apply_outcomes.sql;
and the row in which what a gateway took of a claim waits for its receipts (docs/adr/0071).

Both are CTEs that end in `chosen`: the deliveries that have moved, with what they were before. Both lock deliveries in
the order of their numbers. Why there are two: docs/adr/0054-one-look-at-a-delivery.md.
"""

from collections.abc import Sequence

from django.db import connection

from notifications.states import DELIVERY_MOVES
from secretary.kernel.database.prepared import Prepared, number_array, text_array

# One hash look-up instead of a comparison for each pair: PostgreSQL hashes a constant array of nine and more.
_LEGAL = ", ".join(f"'{old}>{new}'" for old, news in DELIVERY_MOVES.items() for new in news)
# Only a receipt moves a delivery out of "returned" and "failed". The answer to a poll may be about the next attempt's
# message, which was sent during the poll and was found by number and text.
_MAY_MOVE = f"""d.state || '>' || l.state = ANY(ARRAY[{_LEGAL}])
    AND (d.state NOT IN ('returned', 'failed') OR l.reporter <> '')"""
# A receipt counts only for its own gateway's channel, where that is known for its own gateway, and for its own message.
_OF_ANOTHER = """l.reporter <> '' AND (d.channel <> l.reporter
    OR d.gateway <> l.gateway AND d.gateway <> '' AND l.gateway <> '')"""
_FOREIGN = f"""({_OF_ANOTHER}
    OR l.reporter <> '' AND l.vendor_id <> d.vendor_id AND l.vendor_id <> '' AND d.vendor_id <> '')"""
_REPORTS = """unnest(%(ids)s::bigint[], %(states)s::text[], %(codes)s::text[], %(vendor_ids)s::text[],
    %(waits)s::float[], %(marks)s::int[], %(reporters)s::text[], %(gateways)s::text[])
    AS l(delivery_id, state, code, vendor_id, wait, mark, reporter, gateway)"""
_NEW_VALUES = """
    state = l.state,
    code = l.code,
    vendor_id = CASE WHEN l.vendor_id <> '' THEN l.vendor_id ELSE d.vendor_id END,
    answered_at = coalesce(d.answered_at, clock_timestamp()),
    finished_at = CASE WHEN l.state IN ('delivered', 'failed', 'returned') THEN %(now)s END,
    ask_at = CASE
        WHEN d.carrier_id <> d.id THEN NULL -- the gateway knows the carrier's message only
        WHEN l.state = 'sent' AND d.state = 'sending' THEN d.ask_at -- postponed when it is due: poll_gateways.py
        WHEN l.state = 'sent' THEN clock_timestamp() + make_interval(secs => %(receipt_wait)s)
        WHEN l.state = 'unknown' THEN clock_timestamp() + make_interval(secs => %(unknown_wait)s) END
"""
# What goes before it. Deliveries are moved in the order of the reports, so that statements about the same ones do not
# block one another.
IN_ORDER = "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
# The same, in a transaction that does not wait for the disk, unless it turns out that it must.
SOON, DURABLY = f"{IN_ORDER}; SET LOCAL synchronous_commit = off", "SET LOCAL synchronous_commit TO DEFAULT"
_COLUMNS = "d.id, d.notice_id, d.fence, d.channel, d.wording_id, d.carrier_id"
# One report of each delivery, as nearly always. Leaves those untouched that a report may not move.
ONCE = f"""
chosen AS (
    UPDATE notifications_delivery d SET {_NEW_VALUES}
    FROM (SELECT * FROM {_REPORTS} ORDER BY delivery_id) l
    WHERE d.id = l.delivery_id AND {_MAY_MOVE} AND NOT {_FOREIGN}
    RETURNING {_COLUMNS}, old.state AS was, old.code AS was_code, d.started_at, old.finished_at AS was_finished_at,
        l.state, l.code, l.vendor_id, l.wait, l.mark, l.reporter, false AS foreign_to_it
)"""  # noqa: S608  (constants)
# Any reports, of which several may be about one delivery: the one that says most is chosen. Finds receipts that fit no
# delivery too.
ANY = f"""
heard AS MATERIALIZED (
    SELECT {_COLUMNS}, d.state AS was, d.code AS was_code, d.started_at, d.finished_at AS was_finished_at,
        l.state, l.code, l.vendor_id, l.wait, l.mark, l.reporter, {_FOREIGN} AS foreign_to_it
    FROM {_REPORTS} JOIN notifications_delivery d ON d.id = l.delivery_id
    WHERE {_MAY_MOVE} OR {_OF_ANOTHER}
    ORDER BY d.id FOR UPDATE OF d
), chosen AS MATERIALIZED (
    SELECT DISTINCT ON (id) * FROM heard WHERE NOT foreign_to_it
    ORDER BY id, array_position(ARRAY['delivered', 'failed', 'returned', 'sent', 'unknown'], state)
), delivery AS (
    UPDATE notifications_delivery d SET {_NEW_VALUES} FROM chosen l WHERE d.id = l.id
)"""  # noqa: S608  (constants)
NOTE_HANDED_OVER = Prepared(
    "notifications_handed_over",
    "INSERT INTO notifications_handedover (deliveries, codes, vendor_ids)"
    " VALUES (%(deliveries)s, %(codes)s, %(vendor_ids)s)",
    {"deliveries": "bigint[]", "codes": "text[]", "vendor_ids": "text[]"},
)


def note_handed_over(taken: Sequence[tuple[int, str, str]]) -> None:
    """Note what a gateway took: delivery, its code and its number of each. The sweeper writes it in the deliveries."""
    deliveries, codes, vendor_ids = zip(*taken, strict=True)
    values = {
        "deliveries": number_array(deliveries),
        "codes": text_array([code[:40] for code in codes]),
        "vendor_ids": text_array([vendor_id[:80] for vendor_id in vendor_ids]),
    }
    with connection.cursor() as cursor:
        NOTE_HANDED_OVER.execute(cursor, values)
