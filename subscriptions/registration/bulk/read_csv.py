"""Read a list as CSV: UTF-8, CP949 or the "Unicode text" of spreadsheets, with commas, semicolons or tabs."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence

from subscriptions.registration.bulk.refused_file import FileRefused

_DELIMITERS = ",\t;"
_HANGUL = re.compile("[가-힣]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f]")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def csv_rows(content: bytes) -> tuple[int, Iterator[tuple[int, Sequence[str]]]]:
    """Return about how many rows follow the header, and all rows with their line. Raises FileRefused."""
    text = _decoded(content)
    if (control := _CONTROL.search(text)) is not None:
        raise FileRefused("control_character", text.count("\n", 0, control.start()) + 1)
    first = text.lstrip().split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    return max(text.count("\n") - 1, 1), _rows(text, delimiter)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, Sequence[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise FileRefused("unreadable_quotes", number) from None
        yield number, [cell.strip() for cell in cells]


def _decoded(content: bytes) -> str:
    if content.startswith(_UTF16):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise FileRefused("undecodable", 1) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        wrong = content.count(b"\n", 0, error.start) + 1
    _refuse_two_codecs(content, wrong)
    try:
        return content.decode("cp949")
    except UnicodeDecodeError as error:
        raise FileRefused("undecodable", content.count(b"\n", 0, error.start) + 1) from None


def _refuse_two_codecs(content: bytes, wrong: int) -> None:
    """Refuse a file whose first line with Hangul is UTF-8, but not line `wrong`; and a line of a CP949 file that is
    UTF-8: as CP949 it would be other people's names."""
    is_first = True
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.isascii():
            continue
        if _is_utf8(line):
            raise FileRefused(*(("undecodable", wrong) if is_first else ("mixed_encoding", number)))
        is_first = False


def _is_utf8(line: bytes) -> bool:
    """Hangul in CP949 never reads as Hangul in UTF-8."""
    try:
        return _HANGUL.search(line.decode()) is not None
    except UnicodeDecodeError:
        return False
