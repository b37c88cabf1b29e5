"""What offices send is read; what is no list, or would fill the memory, is refused by name."""

import io
import tracemalloc
import zipfile
from datetime import date

from subscriptions.registration.bulk.read_file import MOST_ROWS, read_file
from subscriptions.registration.bulk.read_row import text_of_cell
from subscriptions.registration.bulk.refused_file import FileRefused
from tests.subscriptions.registration.bulk.lists import HEADER, OLD_WOMAN, listed
from tests.subscriptions.registration.bulk.workbooks import RELATIONS, STRICT, TRANSITIONAL, packed, workbook
from tests.support.together import in_one_test

BORN = date(1948, 5, 9)
AS_NUMBERS = ("B-1", "김어르신", BORN, 1000001001, "", "예", "예")
READ = ["B-1", "김어르신", "1948-05-09", "1000001001", "", "예", "예"]


def read(content: bytes) -> list[tuple[int, list[str]]]:
    _, header, rows = read_file(content)
    assert header[:4] == list(HEADER[:4])
    return [(number, [text_of_cell(cell) for cell in cells]) for number, cells in rows]


def refused(content: bytes) -> str:
    try:
        read(content)
    except FileRefused as refusal:
        return str(refusal)
    return "read"


def csv_of(text: str, codec: str = "utf-8") -> bytes:
    return (",".join(HEADER) + "\r\n" + text).encode(codec)


LINE = ",".join(OLD_WOMAN)


WRITTEN_AS_CSV = {
    "UTF-8": csv_of(LINE),
    "with a mark": listed(OLD_WOMAN),
    "CP949": csv_of(LINE, "cp949"),
    "tabs in UTF-16": csv_of(LINE).decode().replace(",", "\t").encode("utf-16"),
    "semicolons": csv_of(LINE).replace(b",", b";"),
    "lines of an old Mac": csv_of(LINE).replace(b"\r\n", b"\r"),
}


@in_one_test("name, content", WRITTEN_AS_CSV.items())
def test_each_way_to_write_csv_is_read(name: str, content: bytes) -> None:
    assert [cells for _, cells in read(content)] == [list(OLD_WOMAN)]


WRITTEN_AS_XLSX = {
    "as usual": workbook(HEADER, AS_NUMBERS),
    "strict": workbook(HEADER, AS_NUMBERS, main=STRICT, iso_days=True),
    "with prefixes": workbook(HEADER, AS_NUMBERS, prefix="x"),
    "dates as Korean Excel has them": workbook(HEADER, AS_NUMBERS, day_format=31),  # findings/README.md
}


@in_one_test("name, content", WRITTEN_AS_XLSX.items())
def test_each_way_to_write_xlsx_is_read(name: str, content: bytes) -> None:
    assert [cells for _, cells in read(content)] == [READ]


def test_rows_keep_the_numbers_that_the_spreadsheet_shows() -> None:
    empty = ("",) * len(HEADER)
    assert [row for row, _ in read(listed(empty, OLD_WOMAN, empty, empty, OLD_WOMAN, empty))] == [3, 6]
    assert [row for row, _ in read(workbook(empty, HEADER, empty, OLD_WOMAN))] == [4]


def cell(place: str) -> str:
    return f'<row><c r="{place}"><v>1</v></c></row>'


TWO_SHEETS = (
    f'<workbook xmlns="{TRANSITIONAL}" xmlns:r="{RELATIONS}"><sheets><sheet name="a" sheetId="1" r:id="r1"/>'
    '<sheet name="b" sheetId="2" r:id="r1"/></sheets></workbook>'
)
ENTITY = '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet><sheetData>&b;</sheetData></worksheet>'
SHEET = "xl/worksheets/sheet1.xml"


NO_LISTS = {
    "nothing": (b" \r\n", "empty"),
    "a PDF": (b"%PDF-1.7", "wrong_type"),
    "an old Excel file": (b"\xd0\xcf\x11\xe0" + b"\0" * 99, "old_excel"),
    "a zip of something else": (packed({"a.txt": "a"}), "wrong_type"),
    "with macros": (workbook(HEADER, more={"xl/vbaProject.bin": b"x"}), "wrong_type"),
    "a damaged file": (workbook(HEADER, OLD_WOMAN)[:-80], "unreadable"),
    "no XML": (workbook(more={SHEET: "<worksheet>"}), "unreadable"),
    "a value far to the right": (workbook(sheet=cell("XFD1")), "too_many_columns 100"),
    "a value far below": (workbook(sheet=cell("A1048576")), "too_many_rows 60000"),
    "entities": (workbook(more={SHEET: ENTITY}), "bomb"),
    "a thousand parts": (workbook(more={f"xl/{n}.xml": "<a/>" for n in range(300)}), "bomb"),
    "two sheets": (workbook(HEADER, more={"xl/workbook.xml": TWO_SHEETS}), "several_sheets"),
    "neither of both": (csv_of("B-1,").replace(b"B-1,", b"B-1,\xff\xff"), "undecodable 2"),
    "a line of UTF-8 in CP949": (csv_of(LINE, "cp949") + b"\r\n" + LINE.encode(), "mixed_encoding 3"),
    "a NUL": (csv_of("B-1,\0"), "control_character 2"),
    "an open quotation mark": (csv_of('B-1,"김'), "unreadable_quotes 2"),
}


@in_one_test("name, content, words", [(name, *case) for name, case in NO_LISTS.items()])
def test_what_is_no_list_is_refused_by_name(name: str, content: bytes, words: str) -> None:
    assert refused(content) == words


def test_more_rows_than_allowed_are_refused() -> None:
    assert refused(csv_of(f"{LINE}\r\n" * (MOST_ROWS + 1))) == f"too_many_rows {MOST_ROWS}"


def test_a_bomb_is_refused_before_it_takes_the_memory() -> None:
    bomb = workbook(more={SHEET: b"<worksheet>" + b" " * 300_000_000})
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    assert refused(bomb) == "bomb"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 150_000_000


def test_a_size_that_is_forged_hides_nothing() -> None:
    """The zip says that a part is short; what comes behind is not read."""
    content = workbook(HEADER, OLD_WOMAN)
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        real = made.getinfo(SHEET).file_size
    size = real.to_bytes(4, "little")
    forged = content.replace(size, (real - 40).to_bytes(4, "little"))
    assert refused(forged) == "unreadable"
