"""Reads a PDF of ours as a reader's search and copy do: pieces of text through the fonts' character maps."""

import re
import zlib
from base64 import a85decode
from typing import NamedTuple

_OBJECT = re.compile(rb"(\d+) 0 obj(.*?)endobj", re.S)
_SHOWN = re.compile(rb"/(F\d+\+\d+) [\d.]+ Tf|\(((?:[^\\()]|\\.)*)\) Tj", re.S)
_ESCAPED = re.compile(rb"\\(\d{3}|.)", re.S)
_PLAIN = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


class Piece(NamedTuple):
    font: str  # its PostScript name, without the subset's prefix
    text: str


def pieces(pdf: bytes) -> list[Piece]:
    """Everything that is shown, in order. A code without a character in its font's map becomes U+FFFD."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    named = {
        name: int(number) for body in objects.values() for name, number in re.findall(rb"/(F\d+\+\d+) (\d+) 0 R", body)
    }
    maps = {name: _characters(objects, objects[number]) for name, number in named.items()}
    fonts = {name: _font_name(objects[number]) for name, number in named.items()}
    found: list[Piece] = []
    for body in objects.values():
        stream, font = _stream(body), b""
        for name, text in _SHOWN.findall(stream) if b" Tj" in stream else ():
            font = name or font
            if not name and font in maps:
                codes = _ESCAPED.sub(_unescaped, text)
                found.append(Piece(fonts[font], "".join(maps[font].get(code, "\ufffd") for code in codes)))
    return found


def text_of(pdf: bytes) -> str:
    return "".join(piece.text for piece in pieces(pdf))


def _stream(body: bytes) -> bytes:
    found = re.search(rb"stream\r?\n(.*?)\r?\n?endstream", body, re.S)
    if not found:
        return b""
    raw = found[1].strip()
    try:
        # The last byte of a stream may look like the end of its line: hence not `zlib.decompress`, which wants it.
        return zlib.decompressobj().decompress(a85decode(raw.removesuffix(b"~>")) if raw.endswith(b"~>") else found[1])
    except (ValueError, zlib.error):
        return b""


def _characters(objects: dict[int, bytes], font: bytes) -> dict[int, str]:
    """Code → character, by the font's ToUnicode map (ReportLab writes one pair for each)."""
    reference = re.search(rb"/ToUnicode (\d+) 0 R", font)
    if not reference:
        return {}
    pairs = re.findall(rb"<(\w\w)> <(\w{4})>", _stream(objects[int(reference[1])]).partition(b"beginbfchar")[2])
    return {int(code, 16): chr(int(character, 16)) for code, character in pairs}


def _font_name(font: bytes) -> str:
    named = re.search(rb"/BaseFont /(?:\w+\+)?([\w-]+)", font)
    return named[1].decode() if named else ""


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes([int(code, 8)]) if code.isdigit() else _PLAIN.get(code, code)
