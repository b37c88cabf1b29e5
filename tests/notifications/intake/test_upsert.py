from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection

from notifications.intake.upsert import (
    Encode,
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
from secretary.kernel.time.clock import KST

pytestmark = pytest.mark.django_db

COLUMNS: dict[str, tuple[Encode, list[Any]]] = {
    "name text": (texts, ["가나다", "", "\\N\t'", "x" * 5000]),
    "code text": (codes, ["open", "open", "paid", "개"]),
    "kind smallint": (smallints, [1, -32768, 32767, 1]),
    "version int": (integers, [1, 1_000_000, -(2**31), 2**31 - 1]),
    "hash bytea": (byteas, [None, b"", bytes(32), bytes(range(256)) * 20]),
    "day date": (dates, [None, date(1900, 1, 1), date(2000, 1, 1), date(2100, 12, 31)]),
    "at timestamptz": (
        instants,
        [
            *(None, datetime(1999, 12, 31, 23, 59, 59, 999_999, UTC)),
            *(datetime(2026, 4, 2, 9, 30, tzinfo=KST), datetime(2099, 1, 1, tzinfo=UTC)),
        ],
    ),
}


def test_every_type_comes_back_as_it_was_written() -> None:
    written: list[tuple[Any, ...]] = list(zip(*(values for _, values in COLUMNS.values()), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE copied ({', '.join(COLUMNS)}) ON COMMIT DROP")
        copy_in(cursor, "copied", in_binary(list(COLUMNS.values())))
        cursor.execute("SELECT * FROM copied")
        read = [(*row[:4], row[4] if row[4] is None else bytes(row[4]), *row[5:]) for row in cursor.fetchall()]
    assert read == written
