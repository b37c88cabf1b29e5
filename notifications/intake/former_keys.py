"""Keep records under the keys that releases up to 148511c made, while persons are still found by these.

It concerns only names with other characters than Hangul syllables: the intake calls it for pages with such a name. A
person whose key `manage.py move_name_keys` has not moved yet holds the former key, all others hold the new one.
"""

from collections.abc import Sequence

from django.db import connection

from notifications.intake.parsing.parse import Row

NOT_YET_MOVED = """
SELECT p.former FROM unnest(%s::bytea[], %s::bytea[]) AS p (former, now)
JOIN subscriptions_citizenkey k ON k.key_hash = p.former
WHERE NOT EXISTS (SELECT 1 FROM subscriptions_citizenkey n WHERE n.key_hash = p.now)
"""
# A record that an earlier release read is about the same person as before: its person has not changed.
MOVE_RECORDS = """
UPDATE notifications_record r SET person_hash = m.now
FROM (
    SELECT o.id, p.now FROM unnest(%s::text[], %s::bytea[], %s::bytea[]) AS p (external_id, former, now)
    JOIN notifications_record o ON o.agency_id = %s AND o.external_id = p.external_id AND o.person_hash = p.former
    ORDER BY o.external_id FOR UPDATE OF o
) m WHERE r.id = m.id
"""


def under_keys_in_use(rows: Sequence[Row], *, agency_id: int) -> list[Row]:
    """Return the rows with the key that their person holds now. Joins the intake's transaction."""
    double = [row for row in rows if row.former_person_hash is not None]
    with connection.cursor() as cursor:
        cursor.execute(NOT_YET_MOVED, [*_columns(double)[1:]])
        waiting = {bytes(former) for (former,) in cursor.fetchall()}
        moved = [row for row in double if _former(row) not in waiting]
        if moved:
            cursor.execute(MOVE_RECORDS, [*_columns(moved), agency_id])
    return [row._replace(person_hash=row.former_person_hash) if _former(row) in waiting else row for row in rows]


def _former(row: Row) -> bytes | None:
    return row.former_person_hash


def _columns(rows: Sequence[Row]) -> tuple[list[str], list[bytes | None], list[bytes | None]]:
    return [row.external_id for row in rows], list(map(_former, rows)), [row.person_hash for row in rows]
