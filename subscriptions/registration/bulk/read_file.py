"""READ FILE: a list as rows of cells, by what its first bytes say it is, whatever its name."""

from collections.abc import Iterator, Sequence

from subscriptions.registration.bulk.read_csv import csv_rows
from subscriptions.registration.bulk.read_row import Cell
from subscriptions.registration.bulk.read_xlsx import xlsx_rows
from subscriptions.registration.bulk.refused_file import FileRefused

MOST_BYTES = 10_000_000
MOST_ROWS = 50_000
_ZIP = b"PK\x03\x04"
# First bytes of formats that are sent by mistake. Source: the formats' own specifications.
_OTHERS = {
    b"\xd0\xcf\x11\xe0": "old_excel",  # xls, hwp, and xlsx with a password
    b"%PDF": "wrong_type",
    b"PK\x05\x06": "empty",
    b"\x1f\x8b": "wrong_type",
    b"7z\xbc\xaf": "wrong_type",
    b"\x89PNG": "wrong_type",
    b"\xff\xd8\xff": "wrong_type",
    b"<": "wrong_type",
}
Rows = Iterator[tuple[int, Sequence[Cell]]]


def refuse_by_signature(content: bytes) -> None:
    """Refuse at once what is no list, by size and first bytes. Raises FileRefused."""
    if not content.strip():
        raise FileRefused("empty")
    if len(content) > MOST_BYTES:
        raise FileRefused("too_large", MOST_BYTES // 1_000_000)
    for signature, code in _OTHERS.items():
        if content.startswith(signature):
            raise FileRefused(code)


def read_file(content: bytes) -> tuple[int, Sequence[str], Rows]:
    """Return about how many rows there are, the header, and the rows that are not empty with their numbers.

    Raises FileRefused, also while rows are taken.
    """
    refuse_by_signature(content)
    about, rows = xlsx_rows(content) if content.startswith(_ZIP) else csv_rows(content)
    filled = ((number, cells) for number, cells in rows if any(cell not in (None, "") for cell in cells))
    _, header = next(filled, (0, ()))
    if not header:
        raise FileRefused("empty")
    return about, [str(cell) for cell in header], _at_most(filled)


def _at_most(rows: Rows) -> Rows:
    for count, row in enumerate(rows, start=1):
        if count > MOST_ROWS:
            raise FileRefused("too_many_rows", MOST_ROWS)
        yield row
