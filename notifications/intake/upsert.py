"""Write a page of rows into the table of records and decide which of two lines is newer: the SQL of ingest.py."""

from collections.abc import Sequence
from typing import Any

from notifications.intake.parsing.parse import Row
from secretary.kernel.database.binary_copy import (
    byteas,
    codes,
    copy_in,
    dates,
    in_binary,
    instants,
    integers,
    smallints,
    texts,
)
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
_STORED = Row._fields.index("content_digest") + 1
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


# How each is written; the dates of a row are one value.
_ENCODED = (
    *(texts, smallints, integers, codes, codes, byteas, byteas, dates, dates, dates, dates),
    *(instants, byteas, byteas, byteas),
)


def stage_rows(cursor: Any, rows: Sequence[Row]) -> None:
    """Empty the table and fill it. It is the session's own, and is emptied again when the transaction ends."""
    data = as_copied(rows) if rows else b""
    cursor.execute(STAGING)
    if data:
        copy_in(cursor, f"ingest_row ({COLUMNS})", data)


def as_copied(rows: Sequence[Row]) -> bytes:
    """Return the rows as COPY reads them."""
    number, data_type, version, state, event, ci, person, days, *sealed = list(zip(*rows, strict=True))[:_STORED]
    columns = (number, data_type, version, state, event, ci, person, *zip(*days, strict=True), *sealed)
    return in_binary(list(zip(_ENCODED, columns, strict=True)))
