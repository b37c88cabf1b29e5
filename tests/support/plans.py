"""A copy of the database with enough rows for the planner to have a choice, and the shapes of the plans that it makes.

The same each time: rows are made by their number, and statistics over all of them instead of a sample.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2

from secretary.kernel.database.prepared import Planned, Prepared
from tests.support.prepared_database import another_copy

PEOPLE, RECORDS, NOTICES, READY, BUNDLED, BILLS = 12_000, 30_000, 40_000, 2000, 600, 1000
TYPES, STAGES, VERSIONS = 8, 8, 4
HUGE = ("notifications_record", "notifications_notice", "notifications_delivery")

NOW = "'2026-04-01 09:00+09'::timestamptz"
TRIGGERS = ("opened", "event", "changed", "reopened", "paid", "withdrawn", "date", "not_yours")
_VERSION = f"CASE WHEN i <= {TYPES} THEN 'live' ELSE 'retired' END"


def person(number: str) -> str:
    return f"lpad(to_hex(1 + ({number}) % {PEOPLE}), 32, '0')::uuid"


def key(number: str, kind: str) -> str:
    return f"sha256((({number}) % {PEOPLE} || {kind})::bytea)"


def one_of(words: tuple[str, ...], number: str) -> str:
    return f"(ARRAY[{', '.join(map(repr, words))}])[1 + ({number}) % {len(words)}]"


# Table → how many rows, and columns as SQL over the number `i` of the row. All other columns that must have a value get
# their default or a value of their type.
ROWS: dict[str, tuple[int, dict[str, str]]] = {
    "subscriptions_agency": (TYPES, {"id": "i", "code": "'agency-' || i"}),
    "subscriptions_consenttext": (TYPES, {"id": "i", "code": "'type-' || i"}),
    "subscriptions_datatype": (
        TYPES,
        {
            "id": "i",
            "code": "'type-' || i",
            "agency_id": "i",
            "live_version_id": "i",
            "payable": one_of(("", "x"), "i"),
        },
    ),
    "subscriptions_datatypeversion": (
        VERSIONS * TYPES,
        {"id": "i", "data_type_id": f"1 + (i - 1) % {TYPES}", "number": f"1 + i / {TYPES}", "state": _VERSION},
    ),
    "subscriptions_stage": (
        VERSIONS * TYPES * STAGES,
        {
            "id": "i",
            "version_id": f"1 + (i - 1) / {STAGES}",
            "code": f"'stage-' || i % {STAGES}",
            "trigger": one_of(TRIGGERS, "i"),
            "date_slot": "1 + i / 8 % 4",
            "states": "'{open}'",
        },
    ),
    "subscriptions_wording": (
        8 * VERSIONS * TYPES * STAGES,
        {
            "id": "i",
            "stage_id": "1 + (i - 1) / 8",
            "channel": one_of(("sms", "kakaotalk", "naver", "toss"), "i"),
            "language": one_of(("ko", "en"), "i / 4"),
        },
    ),
    "subscriptions_citizen": (PEOPLE, {"id": person("i"), "language": "'ko'", "state": "'active'"}),
    "subscriptions_citizenkey": (
        2 * PEOPLE,
        {
            "citizen_id": person("i"),
            "kind": one_of(("ci", "person"), f"(i - 1) / {PEOPLE}"),
            "key_hash": key("i", one_of(("ci", "person"), f"(i - 1) / {PEOPLE}")),
        },
    ),
    "subscriptions_contact": (
        PEOPLE,
        {"citizen_id": person("i"), "kind": "'phone'", "value_hash": "sha256(i::text::bytea)"},
    ),
    "subscriptions_channelchoice": (
        2 * PEOPLE,
        {
            "citizen_id": person("i"),
            "channel": one_of(("kakaotalk", "sms"), f"(i - 1) / {PEOPLE}"),
            "position": f"1 + (i - 1) / {PEOPLE}",
        },
    ),
    "subscriptions_consent": (2 * PEOPLE, {"id": "i", "citizen_id": person("i"), "method": "'web'"}),
    "subscriptions_subscription": (
        2 * PEOPLE,
        {
            "id": "i",
            "citizen_id": person("i"),
            "data_type_id": f"1 + (i + (i - 1) / {PEOPLE}) % {TYPES}",
            "consent_id": "i",
            "matched_at": f"CASE WHEN i > 20 THEN {NOW} END",
        },
    ),
    "subscriptions_unreached": (500, {"citizen_id": person("i"), "notice_id": "i", "looked_at": NOW}),
    "notifications_feed": (4, {"id": "i", "name": "'feed-' || i"}),
    "notifications_feedrun": (
        600,
        {
            "id": "i",
            "feed_id": "1 + i % 4",
            "new": "10",
            "state": "'finished'",
            "started_at": f"{NOW} - i * interval '1 hour'",
        },
    ),
    "notifications_ingestbatch": (
        1000,
        {"id": "i", "run_id": "1 + i % 600", "matched_at": f"CASE WHEN i <= 995 THEN {NOW} END"},
    ),
    "notifications_record": (
        RECORDS,
        {
            "id": "i",
            "agency_id": f"1 + i % {TYPES}",
            "data_type_id": f"1 + i % {TYPES}",
            "external_id": "'number-' || i",
            "batch_id": "1 + i % 1000",
            "version": "1",
            "state": one_of(("open", "open", "open", "paid", "completed", "withdrawn"), "i / 8"),
            "event": "'opened'",
            "ci_hash": f"CASE WHEN i % 2 = 0 THEN {key('i', repr('ci'))} END",
            "person_hash": f"CASE WHEN i % 2 = 1 THEN {key('i', repr('person'))} END",
            **{f"date_{slot}": f"date '2026-01-01' + i * {slot} % 365" for slot in (1, 2, 3, 4)},
            "payload_encrypted": "decode(repeat(md5(i::text), 24), 'hex')",
            "subject_version": "CASE WHEN i % 500 = 0 THEN 1 ELSE 0 END",
        },
    ),
    "notifications_notice": (
        NOTICES,
        {
            "id": "i",
            "record_id": f"1 + i % {RECORDS}",
            "citizen_id": person(f"1 + i % {RECORDS}"),
            "stage_id": f"1 + i % {TYPES * STAGES}",
            "cause": f"'stage-' || i / {RECORDS}",
            "record_version": "1",
            "state": f"CASE WHEN i > {NOTICES - READY} THEN 'ready' WHEN i % 9 = 0 THEN 'failed' ELSE 'delivered' END",
            "created_at": f"{NOW} - i * interval '1 minute'",
            "expires_at": f"{NOW} + i * interval '1 minute'",
            "finished_at": f"CASE WHEN i <= {NOTICES - READY} THEN {NOW} - i * interval '1 second' END",
            "not_theirs_at": f"CASE WHEN i % 500 = 0 THEN {NOW} END",
        },
    ),
    "notifications_due": (
        READY,
        {"notice_id": f"{NOTICES - READY} + i", "urgent": "i % 10 = 0", "crashes": "i / 1990"},
    ),
    "notifications_bundleentry": (
        BUNDLED,
        {"notice_id": f"{NOTICES} + i", "citizen_id": person("i / 3"), "not_before": NOW, "bundle_at": NOW},
    ),
    "notifications_delivery": (
        NOTICES - READY,
        {
            "id": "i",
            "notice_id": "i",
            "fence": "1",
            "channel": one_of(("kakaotalk", "sms"), "i"),
            "wording_id": f"1 + i % {8 * TYPES * STAGES}",
            "state": "CASE WHEN i % 100 = 0 THEN 'sent' ELSE 'delivered' END",
            "ask_at": f"CASE WHEN i % 100 = 0 THEN {NOW} END",
        },
    ),
    "notifications_deliveryblock": (37, {"block": "i", "due_at": f"{NOW} + i * interval '10 s'", "fresh": "false"}),
    "notifications_handedover": (30, {"deliveries": "ARRAY[i]", "codes": "ARRAY['']", "vendor_ids": "ARRAY['']"}),
    "citizens_readnotice": (20_000, {"notice_id": "2 * i", "citizen_id": person("2 * i")}),
    "notifications_receiptevent": (
        20_000,
        {
            "gateway": "'nhn'",
            "event_id": "'event-' || i",
            "delivery_id": "i",
            "applied_at": f"CASE WHEN i > 100 THEN {NOW} END",
        },
    ),
    "payments_bill": (
        BILLS,
        {
            "id": "i",
            "record_id": "i",
            "citizen_id": person("i"),
            "debt": "md5(i::text)",
            "state": one_of(("open", "paid", "paid", "paid", "closed", "refunded"), "i"),
            "seen_version": "1",
        },
    ),
    "payments_payment": (
        BILLS,
        {
            "id": "i",
            "bill_id": "i",
            "order_id": "'order-' || i",
            "key": "'key-' || i",
            "debt": "md5(i::text)",
            "state": one_of(("opened", "paid", "paid", "paid", "expired", "refunded"), "i"),
        },
    ),
    "payments_settlement": (
        BILLS // 2,
        {"payment_id": "i", "receipt_number": "'receipt-' || i", "day": "date '2026-04-01' - i % 300"},
    ),
    "payments_refund": (200, {"payment_id": "i", "key": "'key-' || i", "state": "'requested'"}),
}
_OF_TYPE = {
    "boolean": "false",
    "bytea": "'\\x00'",
    "date": "'2026-04-01'",
    "timestamp with time zone": NOW,
    "time without time zone": "'09:00'",
    "jsonb": "'[]'",
    "ARRAY": "'{}'",
    "uuid": person("i"),
    "character varying": "''",
    "text": "''",
}
_REQUIRED = """
    SELECT column_name, data_type FROM information_schema.columns
    WHERE table_name = %s AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
"""


@contextmanager
def filled_copy() -> Iterator[psycopg2.extensions.cursor]:
    """A cursor of the owner, with a page of lines that are to be ingested. After `django_db_setup`."""
    with another_copy("plans") as address, closing(psycopg2.connect(address)) as ours, ours.cursor() as cursor:
        ours.autocommit = True
        cursor.execute("SET session_replication_role = replica; SET default_statistics_target = 500")
        for table, (count, columns) in ROWS.items():
            _fill(cursor, table, count, columns)
        cursor.execute(f"VACUUM ANALYZE {', '.join(ROWS)}")
        yield cursor


def _fill(cursor: Any, table: str, count: int, columns: dict[str, str]) -> None:
    cursor.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    cursor.execute(_REQUIRED, [table])
    values = {name: _OF_TYPE.get(kind, "i" if name == "number" else "1") for name, kind in cursor.fetchall()} | columns
    names = ", ".join(map('"{}"'.format, values))
    cursor.execute(
        f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {', '.join(values.values())}"
        f" FROM generate_series(1, {count}) AS i"
    )


def plan(cursor: Any, statement: str | Prepared, values: dict[str, Any], *, after: str = "") -> dict[str, Any]:
    """The answer of EXPLAIN, as JSON. A prepared statement is planned as in production: for any values, and `after`
    what goes before it."""
    if isinstance(statement, Prepared | Planned):
        cursor.execute("SET plan_cache_mode = force_generic_plan; DEALLOCATE ALL")
    if isinstance(statement, Prepared):
        cursor.execute(statement._prepare)
        execute = statement._execute.rpartition("; ")[2]
        statement = f"{after}; {execute}" if after else execute
    elif isinstance(statement, Planned):
        cursor.execute(statement.prepare, {})
        statement = statement.execute
    ahead, in_this_order, last = statement.rpartition("SET LOCAL join_collapse_limit = 1;")
    cursor.execute(f"SET join_collapse_limit = {1 if in_this_order else 8}")
    cursor.execute(f"{ahead}EXPLAIN (FORMAT JSON, COSTS OFF) {last}", values)
    return cursor.fetchone()[0][0]["Plan"]


def nodes(node: dict[str, Any], depth: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
    yield depth, node
    for each in node.get("Plans", ()):
        yield from nodes(each, depth + 1)


def shape(top: dict[str, Any]) -> list[str]:
    """A line for each node: what it does, to which table, by which index."""
    return ["  " * depth + _printed(node) for depth, node in nodes(top)]


def _printed(node: dict[str, Any]) -> str:
    kind = node["Node Type"] if node["Node Type"] != "ModifyTable" else node["Operation"]
    place = " ".join(node[name] for name in ("Relation Name", "CTE Name", "Index Name") if name in node)
    return f"{kind} {place}".strip()


def read_through(top: dict[str, Any]) -> list[str]:
    """The huge tables that the plan reads from end to end."""
    return [
        node["Relation Name"]
        for _, node in nodes(top)
        if node["Node Type"] == "Seq Scan" and node.get("Relation Name") in HUGE
    ]
