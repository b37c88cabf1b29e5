"""Write a page of rows into the table of records and decide which of two lines is newer: the SQL of ingest.py."""

import io
from collections.abc import Sequence
from typing import Any

from notifications.intake.parse import Row
from secretary.kernel.database.sql import read_sql

STAGING = """
CREATE TEMPORARY TABLE IF NOT EXISTS ingest_row (
    external_id text, data_type_id smallint, version int, state text, event text, ci_hash bytea, person_hash bytea,
    date_1 date, date_2 date, date_3 date, date_4 date, happens_at timestamptz,
    announce_digest bytea, payload_encrypted bytea, content_digest bytea
) ON COMMIT DELETE ROWS;
TRUNCATE ingest_row
"""
COLUMNS = (
    "external_id, data_type_id, version, state, event, ci_hash, person_hash, date_1, date_2, date_3, date_4, "
    "happens_at, announce_digest, payload_encrypted, content_digest"
)
# Whether the digest of the stored record is comparable: it is of this version, and was made from the same fields.
_COMPARABLE = "r.digest_version = r.version AND substr(r.content_digest, 1, 4) = substr({row}.content_digest, 1, 4)"
_STATE = "CASE WHEN r.paid_here_at IS NOT NULL AND excluded.state = 'open' THEN 'paid' ELSE excluded.state END"
# By whether the feed numbers its versions.
UPSERT = {
    True: read_sql(
        "notifications",
        "upsert_records",
        columns=COLUMNS,
        state=_STATE,
        version="excluded.version",
        newer="r.version < excluded.version",
    ),
    False: read_sql(
        "notifications",
        "upsert_records",
        columns=COLUMNS,
        state=_STATE,
        version="r.version + 1",
        newer=f"({_COMPARABLE.format(row='excluded')} AND r.content_digest = excluded.content_digest) IS NOT TRUE",
    ),
}
REFUSED_LINES = read_sql("notifications", "refused_lines", comparable=_COMPARABLE.format(row="i"))
# By whether the feed numbers its versions.
DRY_PAGE = {
    True: read_sql("notifications", "dry_page", newer="r.version < i.version"),
    False: read_sql(
        "notifications",
        "dry_page",
        newer=f"({_COMPARABLE.format(row='i')} AND r.content_digest = i.content_digest) IS NOT TRUE",
    ),
}


NULL = "\\N"


def stage_rows(cursor: Any, rows: Sequence[Row]) -> None:
    """Empty the table and fill it. It is the session's own, and is emptied again when the transaction ends."""
    cursor.execute(STAGING)
    text = "".join(map(_copy_line, rows))
    # At once: another thread may be reading the next page, and would be waited for between two pieces.
    cursor.copy_expert(f"COPY ingest_row ({COLUMNS}) FROM STDIN", io.StringIO(text), len(text) + 1)


def _copy_line(row: Row) -> str:
    """Return one line of COPY's text format. All values are checked codes, numbers, dates and hex: nothing needs
    escaping."""
    one, two, three, four = row.dates
    return (
        f"{row.external_id}\t{row.data_type_id}\t{row.version}\t{row.state}\t{row.event}\t{_bytea(row.ci_hash)}\t"
        f"{_bytea(row.person_hash)}\t{one or NULL}\t{two or NULL}\t{three or NULL}\t{four or NULL}\t"
        f"{row.happens_at or NULL}\t\\\\x{row.announce_digest.hex()}\t\\\\x{row.payload_encrypted.hex()}\t"
        f"\\\\x{row.content_digest.hex()}\n"
    )


def _bytea(value: bytes | None) -> str:
    return NULL if value is None else f"\\\\x{value.hex()}"
