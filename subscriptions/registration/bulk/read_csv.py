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
        place = error.start
    _refuse_stray_utf8(content)
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode("cp949")
    except UnicodeDecodeError as error:
        place = max(place, error.start)
        raise FileRefused("undecodable", content.count(b"\n", 0, place) + 1) from None


def _refuse_stray_utf8(content: bytes) -> None:
    """Refuse a line of a CP949 file that reads as UTF-8 with Hangul: as CP949 it would be other people's names."""
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.isascii():
            continue
        try:
            is_utf8 = _HANGUL.search(line.decode()) is not None
        except UnicodeDecodeError:
            continue
        if is_utf8:
            raise FileRefused("mixed_encoding", number)
