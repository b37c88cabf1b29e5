"""Write the notices of all others, set by set: a million in minutes.

Their rows are copies of the reader's under other keys: no page of the reader opens what is encrypted in them.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from benchmarks.rig.walk.reader import Reader
from secretary.ops.owner import as_owner

EACH = 20  # notices of each person
AT_ONCE = 200_000  # notices
CITIZEN = "('c0000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
PEOPLE = f"""
INSERT INTO subscriptions_citizen
    (id, name_encrypted, name_hash, birth_date_encrypted, language, state, registered_by, created_at)
SELECT {CITIZEN}, '\\x00', sha256(n::text::bytea), '\\x00', 'ko', 'active', 'web', %(now)s
FROM generate_series(%(first)s / {EACH} + 1, %(last)s / {EACH}) n;
INSERT INTO subscriptions_citizenkey (citizen_id, kind, key_hash)
SELECT {CITIZEN}, 'ci', sha256(n::text::bytea) FROM generate_series(%(first)s / {EACH} + 1, %(last)s / {EACH}) n;
"""
# {columns}: all of a table but those that differ; the i-th row is copied from the reader's i-th, modulo their number.
ROWS = f"""
CREATE TEMP TABLE model ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY n.id) - 1 AS nth, n.id AS notice_id, n.record_id, d.id AS delivery_id
FROM notifications_notice n JOIN notifications_delivery d ON d.notice_id = n.id WHERE n.citizen_id = %(reader)s;
CREATE TEMP TABLE fresh ON COMMIT DROP AS
SELECT i, {CITIZEN} AS citizen_id, sha256(n::text::bytea) AS key_hash, nextval(%(records)s) AS record_id,
    nextval(%(notices)s) AS notice_id, i %% (SELECT count(*) FROM model) AS nth
FROM generate_series(%(first)s, %(last)s - 1) i CROSS JOIN LATERAL (SELECT i / {EACH} + 1 AS n) person ORDER BY i;
INSERT INTO notifications_record (id, external_id, ci_hash, {{record}}) OVERRIDING SYSTEM VALUE
SELECT f.record_id, 'C-' || f.i, f.key_hash, {{record}}
FROM fresh f JOIN model m USING (nth) JOIN notifications_record r ON r.id = m.record_id ORDER BY f.i;
INSERT INTO notifications_notice (id, record_id, citizen_id, {{notice}}) OVERRIDING SYSTEM VALUE
SELECT f.notice_id, f.record_id, f.citizen_id, {{notice}}
FROM fresh f JOIN model m USING (nth) JOIN notifications_notice r ON r.id = m.notice_id ORDER BY f.i;
INSERT INTO notifications_delivery (notice_id, {{delivery}})
SELECT f.notice_id, {{delivery}}
FROM fresh f JOIN model m USING (nth) JOIN notifications_delivery r ON r.id = m.delivery_id ORDER BY f.i;
INSERT INTO citizens_readnotice (notice_id, citizen_id, read_at)
SELECT f.notice_id, f.citizen_id, %(now)s FROM fresh f WHERE f.i %% 2 = 0;
"""
OWN = {
    "record": ("notifications_record", {"id", "external_id", "ci_hash"}),
    "notice": ("notifications_notice", {"id", "record_id", "citizen_id"}),
    "delivery": ("notifications_delivery", {"id", "notice_id"}),
}


def make_crowd(*, reader: Reader, first: int, count: int, now: datetime) -> None:
    """Add the `first` … notices of others, EACH to a person; without triggers and foreign keys, as their owner."""
    with as_owner(), connection.cursor() as cursor:
        columns = {name: _columns(cursor, table, own) for name, (table, own) in OWN.items()}
        for start in range(first, first + count, AT_ONCE):
            values: dict[str, Any] = {
                "first": start,
                "last": min(start + AT_ONCE, first + count),
                "now": now,
                "reader": reader.citizen.pk,
                "records": _sequence(cursor, "notifications_record"),
                "notices": _sequence(cursor, "notifications_notice"),
            }
            cursor.execute("BEGIN; SET LOCAL session_replication_role = replica")
            cursor.execute(PEOPLE, values)
            cursor.execute(ROWS.format(**columns), values)
            cursor.execute("COMMIT")


def _columns(cursor: Any, table: str, own: set[str]) -> str:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'", [table]
    )
    return ", ".join(sorted({name for (name,) in cursor.fetchall()} - own))


def _sequence(cursor: Any, table: str) -> str:
    cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
    return str(cursor.fetchone()[0])
