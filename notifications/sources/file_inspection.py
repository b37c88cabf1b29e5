"""Inspect a dropped file before its records are read: kind, character set and completeness.

One pass over the bytes. A mistake of the file as a whole refuses the file here; mistakes of single lines are left to
the reader, which names the line.
"""

import codecs
import hashlib
import io
import re
from dataclasses import dataclass
from operator import itemgetter
from typing import BinaryIO

from notifications.sources.contract import SourceRefused

# First bytes of formats that people rename to .csv. Source: the formats' own specifications.
_SIGNATURES = (
    (b"PK\x03\x04", "a zip or xlsx file"),
    (b"PK\x05\x06", "a zip file"),
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an xls or hwp file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf", "a 7z file"),
    (b"Rar!", "a rar file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (codecs.BOM_UTF16_LE, "UTF-16 text"),
    (codecs.BOM_UTF16_BE, "UTF-16 text"),
    (b"<", "XML or HTML"),
)
_BLANKS = b" \t\r\n"
_WIDE_BLANKS = ("\u00a0".encode(), "\u3000".encode(), "\u3000".encode("cp949"))
_HANGUL = re.compile("[가-힣]")
_BLOCK_BYTES = 262_144
_BEGINS = set(b"{")  # a record in JSON, which is no blank line


@dataclass(frozen=True, slots=True)
class Rules:
    """The required form of a file. `encoding`: utf-8, cp949 or detect; `trailer`: "" or the beginning of the line
    that ends the file and counts its records, such as `#count=`. `delimiter`: between the columns of a CSV file, else
    empty."""

    encoding: str
    trailer: str
    delimiter: str
    final_newline: bool
    max_line_bytes: int
    has_header: bool


@dataclass(frozen=True, slots=True)
class Inspection:
    """The result. `last_line`: number of the last line that may hold a record. `records`: how many there are."""

    digest: str  # SHA-256, hexadecimal
    codec: str  # utf-8 or cp949
    last_line: int
    records: int


def inspect(stream: BinaryIO, rules: Rules) -> Inspection:
    """Read a whole file once. Raises SourceRefused.

    Many lines at a time, where they hold nothing that only a look at each would tell apart.
    """
    look, longest = _Look(rules), rules.max_line_bytes + 1
    look_at = look.at
    if first := stream.readline(longest):
        look_at(first)
    while block := stream.read(_BLOCK_BYTES):
        block += b"" if block.endswith(b"\n") else stream.readline(longest)
        if not look.at_all(block):
            for raw in io.BytesIO(block):
                look_at(raw)
    return look.result()


def is_blank(raw: bytes, delimiter: str = "") -> bool:
    """Return whether a line holds no record: it is empty, or all cells of the row are empty, quoted or not.

    The no-break space and the ideographic space are blanks too.
    """
    if raw[:1] == b"{" and delimiter != "{":  # a shortcut: the beginning of a record in JSON, for millions of lines
        return False
    empty = _BLANKS + (b'"' + delimiter.encode() if delimiter else b"")
    rest = raw.strip(empty)
    if rest.startswith(_WIDE_BLANKS):
        for blank in _WIDE_BLANKS:
            rest = rest.replace(blank, b"")
        rest = rest.strip(empty)
    return not rest


def is_stray_utf8(raw: bytes) -> bool:
    """Return whether a line of a CP949 file is UTF-8.

    Hangul takes three bytes in UTF-8, the first of them EA–ED, which in CP949 begins a rare hanja and never a
    syllable: a line that reads as UTF-8 with Hangul in it is UTF-8.
    """
    try:
        return _HANGUL.search(raw.decode("utf-8")) is not None
    except UnicodeDecodeError:
        return False


class _Look:
    """Collects the properties of the lines of one file."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._digest = hashlib.sha256()
        self._number = self._filled = self._last_filled = 0
        self._last = self._last_filled_raw = b""
        self._bom = False
        self._not_utf8 = self._utf8 = self._not_cp949 = 0  # numbers of the first such line

    def at(self, raw: bytes) -> None:
        self._number += 1
        if len(raw) > self._rules.max_line_bytes:
            raise SourceRefused("line_too_long", f"line {self._number}")
        self._digest.update(raw)
        if self._number == 1:
            raw = self._first(raw)
        if not raw.isascii():
            self._note_characters(raw)
        self._last = raw
        if not is_blank(raw, self._rules.delimiter):
            self._filled += 1
            self._last_filled, self._last_filled_raw = self._number, raw

    def at_all(self, block: bytes) -> bool:
        """Look at whole lines at once; return False, and note nothing, where each must be looked at by itself."""
        lines = block.split(b"\n")
        if not lines[-1]:
            lines.pop()
        begin_records = self._rules.delimiter != "{" and all(lines) and set(map(itemgetter(0), lines)) == _BEGINS
        is_short = max(map(len, lines)) < self._rules.max_line_bytes
        if not (begin_records and is_short and self._holds_known_characters(block)):
            return False
        self._digest.update(block)
        self._number += len(lines)
        self._filled += len(lines)
        last = block[-len(lines[-1]) - block.endswith(b"\n") :]
        self._last_filled, self._last = self._number, last
        self._last_filled_raw = last
        return True

    def _holds_known_characters(self, block: bytes) -> bool:
        """Return whether no line of it would be the first in a character set, or out of one."""
        if self._rules.encoding != "detect" or block.isascii():
            return True
        return (
            self._utf8 > 0
            and (self._not_utf8 > 0 or _decodes(block, "utf-8"))
            and (self._not_cp949 > 0 or _decodes(block, "cp949"))
        )

    def result(self) -> Inspection:
        if not self._filled:
            raise SourceRefused("empty_file", "there is nothing in it")
        if self._rules.final_newline and not self._last.endswith(b"\n"):
            raise SourceRefused("truncated", f"line {self._number} does not end")
        records = self._filled - self._rules.has_header
        last_line = self._number
        if self._rules.trailer:
            records -= 1
            last_line = self._last_filled - 1
            self._check_count(records)
        return Inspection(self._digest.hexdigest(), self._codec(), last_line, records)

    def _first(self, raw: bytes) -> bytes:
        for signature, kind in _SIGNATURES:
            if raw.removeprefix(codecs.BOM_UTF8).startswith(signature):
                raise SourceRefused("wrong_file_type", f"this is {kind}")
        if b"\x00" in raw:
            raise SourceRefused("wrong_file_type", "this is no text in UTF-8 or CP949")
        self._bom = raw.startswith(codecs.BOM_UTF8)
        if self._bom and self._rules.encoding == "cp949":
            raise SourceRefused("wrong_encoding", "declared as CP949, but it begins as UTF-8")
        return raw.removeprefix(codecs.BOM_UTF8)

    def _note_characters(self, raw: bytes) -> None:
        if self._rules.encoding != "detect":
            return
        if is_stray_utf8(raw):
            self._utf8 = self._utf8 or self._number
        elif not self._not_utf8 and not _decodes(raw, "utf-8"):
            self._not_utf8 = self._number
        if not self._not_cp949 and not _decodes(raw, "cp949"):
            self._not_cp949 = self._number

    def _check_count(self, records: int) -> None:
        text = self._last_filled_raw.decode("ascii", "replace").strip()
        text = text.rstrip(self._rules.delimiter + " ")  # spreadsheets pad the last line with cells
        count = text.removeprefix(self._rules.trailer)
        if count == text or not (count.isascii() and count.isdigit() and len(count) <= 9):
            raise SourceRefused("truncated", f"it does not end with a line {self._rules.trailer}…")
        if int(count) != records:
            raise SourceRefused("wrong_count", f"{records} records, but it says {int(count)}")

    def _codec(self) -> str:
        if self._rules.encoding != "detect":
            return self._rules.encoding
        if self._bom or not self._not_utf8:
            return "utf-8"
        if self._utf8:
            raise SourceRefused(
                "mixed_encoding", f"line {self._utf8} is UTF-8 and line {self._not_utf8} is not: declare the encoding"
            )
        if self._not_cp949:
            raise SourceRefused("undecodable", f"line {self._not_cp949} is neither UTF-8 nor CP949")
        return "cp949"


def _decodes(raw: bytes, codec: str) -> bool:
    try:
        raw.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
