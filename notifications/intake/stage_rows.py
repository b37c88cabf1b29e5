"""Copy the rows of a page into a temporary table, from which the statements of upsert.py take them."""

import io
from collections.abc import Sequence
from typing import Any

from notifications.intake.parse import Row
from notifications.intake.upsert import COLUMNS, STAGING


def stage_rows(cursor: Any, rows: Sequence[Row]) -> None:
    """Empty the table and fill it. It is the session's own, and is emptied again when the transaction ends."""
    cursor.execute(STAGING)
    cursor.copy_expert(f"COPY ingest_row ({COLUMNS}) FROM STDIN", io.StringIO("".join(map(_copy_line, rows))))


def _copy_line(row: Row) -> str:
    """Return one line of COPY's text format. All values are checked codes, numbers, dates and hex: nothing needs
    escaping."""
    cells = (
        row.external_id,
        str(row.data_type_id),
        str(row.version),
        row.state,
        row.event,
        _bytea(row.ci_hash),
        _bytea(row.person_hash),
        *(day.isoformat() if day else "\\N" for day in row.dates),
        row.happens_at.isoformat() if row.happens_at else "\\N",
        _bytea(row.announce_digest),
        _bytea(row.payload_encrypted),
        _bytea(row.content_digest),
    )
    return "\t".join(cells) + "\n"


def _bytea(value: bytes | None) -> str:
    return "\\\\x" + value.hex() if value is not None else "\\N"
