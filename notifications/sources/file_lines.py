"""Read the lines of a dropped file as records: a bad line is reported and does not affect others.

A line break inside a quoted value is therefore an unmatched quotation mark. Values are not changed, `=cmd` included;
`secretary.kernel.database.tabular.neutralise` is for exports.
"""

import codecs
import csv
from collections.abc import Sequence
from typing import Any, Protocol

from notifications.sources import ks_x_1001, strict_json
from notifications.sources.contract import Line, Naming, SourceRefused
from notifications.sources.file_inspection import is_stray_utf8
from notifications.sources.strict_json import NotStrict

_CONTROLS = bytes({*range(32)} - {ord("\t")})
_INSIDE = bytes({*_CONTROLS} - {ord("\n")})  # with which no line ends, where lines end in \n alone
_TOGETHER = 250  # lines: one that needs a careful look costs the others of its group a little


class LineReader(Protocol):
    has_header: bool
    delimiter: str  # between the columns; empty where there are none

    def header(self, raw: bytes) -> None:
        """Read the first line, where the format has a header. Raises SourceRefused."""

    def lines(self, rows: Sequence[tuple[int, bytes]]) -> list[Line]:
        """Return one record for each numbered line, or the mistake in it."""


class JsonLines:
    """Reads one JSON object a line, UTF-8 (RFC 8259; the format's own page is jsonlines.org)."""

    has_header = False
    delimiter = ""

    def __init__(self, codec: str, naming: Naming) -> None:
        self._codec, self._naming = codec, naming

    def header(self, raw: bytes) -> None:
        """Do nothing: JSON lines have no header."""

    def lines(self, rows: Sequence[tuple[int, bytes]]) -> list[Line]:
        """Read some lines at a time together; where one of them needs a careful look, each of these alone."""
        lines: list[Line] = []
        for start in range(0, len(rows), _TOGETHER):
            some = rows[start : start + _TOGETHER]
            records = self._records([raw for _, raw in some])
            if records is None:
                lines += [self._line(number, raw) for number, raw in some]
            elif self._naming.is_none:
                lines += [Line(number, record) for (number, _), record in zip(some, records, strict=True)]
            else:
                lines += [self._read(number, record) for (number, _), record in zip(some, records, strict=True)]
        return lines

    def _records(self, raws: Sequence[bytes]) -> list[dict[str, Any]] | None:
        text = b"".join(raws)
        if self._codec != "utf-8" or len(text.translate(None, _INSIDE)) < len(text):
            return None
        return strict_json.flat_records(raws)

    def _line(self, number: int, raw: bytes) -> Line:
        text = _text(number, raw, self._codec)
        if isinstance(text, Line):
            return text
        try:
            record = strict_json.whole(text)
        except NotStrict as error:
            return Line(number, None, error.code, f"character {error.at}")
        return self._read(number, record)

    def _read(self, number: int, record: Any) -> Line:
        return self._naming.renamed(strict_json.line_of(number, record))


class CsvLines:
    """Reads CSV (RFC 4180) with a header, in UTF-8 or CP949.

    A column without a name, which spreadsheets add, is ignored while it is empty.
    """

    has_header = True

    def __init__(self, codec: str, naming: Naming, delimiter: str, max_columns: int) -> None:
        self._codec, self._naming = codec, naming
        self.delimiter, self._max_columns = delimiter, max_columns
        self._names: list[str] = []
        self._unnamed: list[int] = []

    def header(self, raw: bytes) -> None:
        if raw.count(self.delimiter.encode()) >= self._max_columns:  # before the line is parsed
            raise SourceRefused("too_many_columns", f"more than {self._max_columns}")
        text = _text(1, raw, self._codec)
        if isinstance(text, Line):
            raise SourceRefused(text.error, "line 1, the header")
        try:
            names = [name.strip() for name in self._cells(text)]
        except csv.Error:
            raise SourceRefused("unreadable_quotes", "line 1, the header") from None
        self._names = self._naming.names(names)
        self._unnamed = [index for index, name in enumerate(self._names) if not name]
        named = len(self._names) - len(self._unnamed)
        if not named:
            raise SourceRefused("bad_header", "no column has a name")
        if len(set(filter(None, self._names))) != named:
            raise SourceRefused("duplicate_column", "two columns have the same name")

    def lines(self, rows: Sequence[tuple[int, bytes]]) -> list[Line]:
        return [self._line(number, raw) for number, raw in rows]

    def _line(self, number: int, raw: bytes) -> Line:
        text = _text(number, raw, self._codec)
        if isinstance(text, Line):
            return text
        try:
            cells = self._cells(text)
        except csv.Error:
            return Line(number, None, "unreadable_quotes", "quotation marks do not match")
        if len(cells) != len(self._names) and not self._fits(cells):
            return Line(number, None, "wrong_columns", f"{len(cells)} instead of {len(self._names)}")
        record = {**self._naming.constants, **dict(zip(self._names, cells, strict=True))}
        if self._unnamed:
            if any(cells[index].strip() for index in self._unnamed):
                return Line(number, None, "unnamed_column", "a value in a column without a name")
            del record[""]
        return Line(number, record)

    def _fits(self, cells: list[str]) -> bool:
        """Pad or cut a row to the number of columns where a spreadsheet has dropped or added empty cells at the end.
        False where the last column has a name, or a named column or a cell with a value would be affected."""
        columns, found = len(self._names), len(cells)
        if self._names[-1] or any(self._names[found:]) or any(cell.strip() for cell in cells[columns:]):
            return False
        cells[columns:] = [""] * (columns - found)
        return True

    def _cells(self, text: str) -> list[str]:
        return next(csv.reader((text,), delimiter=self.delimiter, strict=True))


def _text(number: int, raw: bytes, codec: str) -> str | Line:
    if number == 1:
        raw = raw.removeprefix(codecs.BOM_UTF8)
    if codec == "cp949" and not raw.isascii() and is_stray_utf8(raw):
        return Line(number, None, "mixed_encoding", "the line is UTF-8 in a CP949 file")
    raw = raw.removesuffix(b"\n").removesuffix(b"\r")
    try:
        text = ks_x_1001.decode(raw) if codec == "cp949" else raw.decode(codec)
    except UnicodeDecodeError as error:
        return Line(number, None, "undecodable", f"byte {error.start + 1} is not {codec.upper()}")
    if len(raw.translate(None, _CONTROLS)) < len(raw):  # of no other character, in UTF-8 or CP949, is this a byte
        return Line(number, None, "control_character", "a NUL or another control character")
    return text
