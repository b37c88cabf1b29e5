"""Read a list as XLSX. A zip may hold more than its size says: each part is unpacked and looked through within limits
first, and calamine reads only what was looked through (docs/adr/0046)."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from subscriptions.registration.bulk.read_row import Cell
from subscriptions.registration.bulk.refused_file import FileRefused

MOST_PARTS = 200
MOST_UNPACKED = 64_000_000  # bytes; 50,000 rows with every column as text are 30 MB
MOST_CELLS = 1_500_000
MOST_ROW, MOST_COLUMN = 60_000, 100  # of the last cell: a sheet is read as one full rectangle
_WORKBOOK, _MACROS = "xl/workbook.xml", "xl/vbaproject.bin"
_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")


def xlsx_rows(content: bytes) -> tuple[int, Iterator[tuple[int, Sequence[Cell]]]]:
    """Return about how many rows follow the header, and all rows with their number. Raises FileRefused."""
    safe = _looked_through(content)
    try:
        workbook = CalamineWorkbook.from_filelike(safe)
        sheets = [
            workbook.get_sheet_by_name(sheet.name)
            for sheet in workbook.sheets_metadata
            if sheet.visible is SheetVisibleEnum.Visible and sheet.typ is SheetTypeEnum.WorkSheet
        ]
    except (CalamineError, OSError, ValueError):
        raise FileRefused("unreadable") from None
    filled = [(sheet, sheet.end[0]) for sheet in sheets if sheet.end is not None]
    if not filled:
        raise FileRefused("empty")
    if len(filled) > 1:
        raise FileRefused("several_sheets")
    sheet, last = filled[0]
    return max(last, 1), _rows(sheet)


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Yield all rows with their numbers, as the sheet shows them: it may begin further down."""
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        yield number, [cell if isinstance(cell, Cell) else str(cell) for cell in cells]


def _looked_through(content: bytes) -> io.BytesIO:
    """Return the same workbook without packing, of parts that are within limits. Raises FileRefused."""
    safe, left, counter = io.BytesIO(), MOST_UNPACKED, _Counter()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(safe, "w") as unpacked:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS:
                raise FileRefused("bomb")
            names = {part.filename.casefold() for part in parts}
            if any(part.flag_bits & 1 for part in parts):
                raise FileRefused("password")
            if _WORKBOOK not in names or _MACROS in names or len(names) != len(parts):
                raise FileRefused("wrong_type")
            if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
                raise FileRefused("unreadable")
            for part in parts:
                if not part.filename.casefold().endswith((".xml", ".rels")):
                    continue
                with packed.open(part) as stream:
                    plain = stream.read(left + 1)
                left -= len(plain)
                if left < 0:
                    raise FileRefused("bomb")
                counter.look_through(plain)
                unpacked.writestr(part.filename, plain)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, expat.ExpatError):
        raise FileRefused("unreadable") from None
    safe.seek(0)
    return safe


class _Counter:
    """Counts what calamine would allocate for: cells, texts, and the rectangle up to the last cell."""

    def __init__(self) -> None:
        self._cells, self._place = 0, ""

    def look_through(self, xml: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._element
        parser.buffer_text = True
        parser.Parse(xml, True)

    def _doctype(self, *_: object) -> None:
        raise FileRefused("bomb")  # entities; no spreadsheet writes any

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local in ("v", "is") and self._place:
            self._refuse_far()
        elif local in ("c", "si", "mergeCell", "xf"):
            self._cells += 1
            self._place = attributes.get("r", "") if local == "c" else ""
        if self._cells > MOST_CELLS:
            raise FileRefused("bomb")

    def _refuse_far(self) -> None:
        """Refuse a value outside of any list; a cell that only has a format is passed over."""
        found = _PLACE.fullmatch(self._place)
        if found is None:
            raise FileRefused("unreadable")
        if int(found[2]) > MOST_ROW:
            raise FileRefused("too_many_rows", MOST_ROW)
        if _column(found[1]) > MOST_COLUMN:
            raise FileRefused("too_many_columns", MOST_COLUMN)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
