"""Write rows for COPY … WITH (FORMAT binary), column by column: about half the bytes and the time of its text format.

The format is PostgreSQL's (its manual, COPY, "Binary Format"): a header, then for each row the number of its columns
and each value behind its length, all in network byte order; days and instants count from the year 2000.
"""

import io
import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain, repeat
from typing import Any

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
_LENGTHS = [struct.pack(">i", length) for length in range(4096)]
_FIRST_DAY, _FIRST_INSTANT = date(2000, 1, 1), datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Encode = Callable[[Iterable[Any]], list[bytes]]


def in_binary(columns: Sequence[tuple[Encode, Iterable[Any]]]) -> bytes:
    """Return what COPY reads. All columns are of one length, each with the function below for its type."""
    fields = [encode(column) for encode, column in columns]
    rows = zip(repeat(struct.pack(">h", len(fields)), len(fields[0])), *fields, strict=True)
    return b"".join((HEADER, *chain.from_iterable(rows), END))


def copy_in(cursor: Any, into: str, data: bytes) -> None:
    """Send it at once: another thread may be computing, and would be waited for between two pieces. `into`: table and
    columns."""
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
