"""Write a page of rows into the table of records and decide which of two lines is newer: SQL and COPY of ingest.py.

Rows go by COPY … WITH (FORMAT binary), column by column: about half the bytes and the time of its text format. The
format is PostgreSQL's (its manual, COPY, "Binary Format"): a header, then for each row the number of its columns and
each value behind its length, all in network byte order; days and instants count from the year 2000.
"""

import io
import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain, repeat
from operator import attrgetter
from typing import Any, NamedTuple

from notifications.intake.parsing.parse import Row
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
# Of new records: what all of a page share, the columns of a line, and its version once more.
NEW_COLUMNS = f"agency_id, batch_id, changed_version, first_seen_at, received_at, {COLUMNS}, digest_version"
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

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
_LENGTHS = [struct.pack(">i", length) for length in range(4096)]
_FIRST_DAY, _FIRST_INSTANT = date(2000, 1, 1), datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Encode = Callable[[Iterable[Any]], list[bytes]]


class Guess:
    """Whether the records of a feed's next page are all new, as nearly always where an agency reports each thing once.

    After a wrong guess of this process, the feed's next pages are looked up. No more than a hint (docs/adr/0102).
    """

    LEAST, LASTS = 100, 20  # records of a page that are worth it; pages after a wrong guess

    def __init__(self) -> None:
        self._left: dict[int, int] = {}  # pages by feed

    def all_new(self, feed: int, records: int) -> bool:
        if records < self.LEAST:
            return False
        left = self._left[feed] = max(0, self._left.get(feed, 0) - 1)
        return left == 0

    def was_wrong(self, feed: int) -> None:
        self._left[feed] = self.LASTS


GUESS = Guess()


class Written(NamedTuple):
    """What came of a page's rows: how many were written, how many of them are new, the records that have ever been
    about another person, and how many came to be about another one by this page."""

    written: int
    new: int
    moved: list[int] | None
    just_moved: int


def write_rows(
    cursor: Any, rows: Sequence[Row], *, numbered: bool, agency: int, batch: int, now: datetime, all_new: bool
) -> Written:
    """`all_new`: without looking for what is there. Raises IntegrityError where something is."""
    if all_new:
        _insert_new(cursor, rows, agency=agency, batch=batch, now=now)
        return Written(len(rows), len(rows), None, 0)
    stage_rows(cursor, rows)
    cursor.execute(UPSERT[numbered], {"agency": agency, "batch": batch, "now": now})
    return Written(*cursor.fetchone())


def stage_rows(cursor: Any, rows: Sequence[Row]) -> None:
    """Empty the table and fill it. It is the session's own, and is emptied again when the transaction ends."""
    data = in_binary(_columns(rows)) if rows else b""
    cursor.execute(STAGING)
    if data:
        copy_in(cursor, f"ingest_row ({COLUMNS})", data)


def _insert_new(cursor: Any, rows: Sequence[Row], *, agency: int, batch: int, now: datetime) -> None:
    rows = sorted(rows, key=attrgetter("external_id"))  # as the upsert does: two pages with the same wait one way
    shared: list[tuple[Encode, Any]] = [
        (smallints, agency),
        (bigints, batch),
        (integers, 0),
        (instants, now),
        (instants, now),
    ]
    versions = (integers, [row.version for row in rows])
    copy_in(cursor, f"notifications_record ({NEW_COLUMNS})", in_binary([*_columns(rows), versions], shared=shared))


def _columns(rows: Sequence[Row]) -> list[tuple[Encode, Iterable[Any]]]:
    number, data_type, version, state, event, ci, person, days, *sealed = list(zip(*rows, strict=True))[:_STORED]
    columns = (number, data_type, version, state, event, ci, person, *zip(*days, strict=True), *sealed)
    return list(zip(_ENCODED, columns, strict=True))


def contradicting_lines(cursor: Any, *, numbered: bool, agency: int) -> list[tuple[str, bool]]:
    """Return the numbers of lines that contradict stored records, and whether the data type is what differs."""
    cursor.execute(REFUSED_LINES, {"agency": agency, "numbered": numbered})
    return list(cursor.fetchall())


def in_binary(columns: Sequence[tuple[Encode, Iterable[Any]]], *, shared: Sequence[tuple[Encode, Any]] = ()) -> bytes:
    """Return what COPY reads. All columns are of one length, each with the function below for its type. `shared`: the
    columns before them, which have one value in all rows."""
    fields = [encode(column) for encode, column in columns]
    begin = struct.pack(">h", len(shared) + len(fields)) + b"".join([encode([value])[0] for encode, value in shared])
    rows = zip(repeat(begin, len(fields[0])), *fields, strict=True)
    return b"".join((HEADER, *chain.from_iterable(rows), END))


def copy_in(cursor: Any, into: str, data: bytes) -> None:
    """Send it at once: another thread may be computing, and would be waited for between two pieces. `into`: table and
    columns. Raises Django's errors, as its cursors do of other statements."""
    with cursor.db.wrap_database_errors:
        cursor.copy_expert(f"COPY {into} FROM STDIN WITH (FORMAT binary)", io.BytesIO(data), len(data) + 1)


def byteas(values: Iterable[bytes | None]) -> list[bytes]:
    return [NULL if value is None else _length(value) + value for value in values]


def texts(values: Iterable[str]) -> list[bytes]:
    return byteas(map(str.encode, values))


def codes(values: Iterable[str]) -> list[bytes]:
    """As `texts`, for few different values."""
    return _each_once(lambda value: _with_length(value.encode()), values)


def smallints(values: Iterable[int]) -> list[bytes]:
    return _each_once(lambda value: _with_length(struct.pack(">h", value)), values)


def integers(values: Iterable[int]) -> list[bytes]:
    return _each_once(lambda value: _with_length(struct.pack(">i", value)), values)


def bigints(values: Iterable[int]) -> list[bytes]:
    return _each_once(lambda value: _with_length(struct.pack(">q", value)), values)


def dates(values: Iterable[date | None]) -> list[bytes]:
    return _each_once(lambda day: _with_length(struct.pack(">i", (day - _FIRST_DAY).days)), values)


def instants(values: Iterable[datetime | None]) -> list[bytes]:
    """Aware ones, for timestamptz."""
    return _each_once(lambda at: _with_length(struct.pack(">q", (at - _FIRST_INSTANT) // _MICROSECOND)), values)


def _each_once(encode: Callable[[Any], bytes], values: Iterable[Any]) -> list[bytes]:
    values = tuple(values)
    known: dict[Any, bytes] = {value: encode(value) for value in set(values) if value is not None}
    known[None] = NULL
    return list(map(known.__getitem__, values))


def _with_length(value: bytes) -> bytes:
    return _length(value) + value


def _length(value: bytes) -> bytes:
    size = len(value)
    return _LENGTHS[size] if size < len(_LENGTHS) else struct.pack(">i", size)


# How each is written; the dates of a row are one value.
_ENCODED = (
    *(texts, smallints, integers, codes, codes, byteas, byteas, dates, dates, dates, dates),
    *(instants, byteas, byteas, byteas),
)
