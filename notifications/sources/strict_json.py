"""Parse JSON and the body of a push strictly: refuse, with its place, anything that two parsers could read differently.

Refused: text that is not UTF-8, duplicate keys, NaN and Infinity, numbers beyond 64 bits or beyond a float,
lone surrogates, control characters in a string, nesting that is too deep (RFC 8259 §4, §6, §8, §9).
"""

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any

import orjson

from notifications.sources.contract import Line, SourceRefused

__all__ = ["MAX_DEPTH", "NotStrict", "decode", "flat_records", "line_of", "read_batch", "whole"]

MAX_DEPTH = 12  # containers within one another; the replies of data.go.kr have 6
_INT64 = 1 << 63
_LEAVES = frozenset({str, bool, type(None)})  # values without children
_SCALARS = frozenset({str, int, float, bool, type(None)})
_FLAT: frozenset[type] = frozenset({str, int, bool, type(None)})
_NESTED: frozenset[type] = _FLAT | {dict}
_SPACE = re.compile(r"[ \t\n\r]*")
_ESCAPED = re.compile(r"\\u(?:[dD][89a-fA-F]|00[01])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ENVELOPE = re.compile(r'[ \t\n\r]*\{[ \t\n\r]*"records"[ \t\n\r]*:[ \t\n\r]*\[[ \t\n\r]*')
_ENVELOPE_END = re.compile(r"\][ \t\n\r]*\}[ \t\n\r]*\Z")


class NotStrict(ValueError):
    """`code` is one of contract.REFUSALS, `at` the character (from 1) where reading stopped."""

    def __init__(self, code: str, at: int = 0) -> None:
        super().__init__(f"{code} at character {at}")
        self.code, self.at = code, at


def decode(body: bytes) -> str:
    """Decode bytes to text. Raises NotStrict("not_utf8") with the place of the bad byte (from 1)."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotStrict("not_utf8", error.start + 1) from None


def _skip_space(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]  # it matches the empty text too


def _value_at(text: str, at: int) -> tuple[Any, int]:
    """Return the value that begins exactly at `at`, and where it ends. Raises only NotStrict."""
    try:
        value, end = _DECODER.raw_decode(text, at)
    except NotStrict as error:
        raise NotStrict(error.code, at + 1) from None
    except json.JSONDecodeError as error:
        raise NotStrict("not_json", error.pos + 1) from None
    except RecursionError:
        raise NotStrict("too_deep", at + 1) from None
    if _ESCAPED.search(text, at, end):
        _refuse_bad_text(value, at)
    return value, end


def whole(text: str) -> Any:
    """Parse `text` as one value, at most MAX_DEPTH deep. Raises NotStrict."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _whole_with_reason(text)
    return value if _is_plain(text, value) else _whole_with_reason(text)


def _is_plain(text: str, value: Any) -> bool:
    """Return whether a fast parser cannot have ignored anything, such as the first of two equal keys.

    Without backslashes each key and each string takes two quotation marks, so they can be counted; floats may have been
    too large for an integer.
    """
    if "\\" in text:
        return False
    strings, level, inside = 0, 0, [value]
    while inside:
        level, deeper = level + 1, []
        for item in inside:
            kind = type(item)
            if kind is str:  # most values are
                strings += 1
                continue
            if level > MAX_DEPTH and (kind is dict or kind is list):
                return False
            if kind is dict:
                kinds = list(map(type, item.values()))
                strings += len(kinds)
                if _LEAVES.issuperset(kinds):
                    strings += kinds.count(str)
                else:
                    deeper.extend(item.values())
            elif kind is list:
                deeper.extend(item)
            elif kind is float or (kind is int and not -_INT64 <= item < _INT64):
                return False
        inside = deeper
    return text.count('"') == 2 * strings


def flat_records(lines: Sequence[bytes]) -> list[dict[str, Any]] | None:
    """Parse lines that hold one object each, of values or of objects of values, in a few calls for all of them.

    None: at least one of them must be parsed alone (`whole`), because it is not of that form, or because a fast parser
    may have ignored something in it. It is counted as in `_is_plain`: over many lines too, there are never fewer
    quotation marks than two for each key and string.
    """
    text = b"".join(lines)
    if b"\\" in text:
        return None
    try:
        records = list(map(orjson.loads, lines))
    except orjson.JSONDecodeError:
        return None
    if set(map(type, records)) != {dict}:
        return None
    outer = list(chain.from_iterable(map(dict.values, records)))
    kinds = Counter(map(type, outer))
    objects = [value for value in outer if type(value) is dict] if dict in kinds else []
    inner = list(chain.from_iterable(map(dict.values, objects)))
    inner_kinds = Counter(map(type, inner))
    if not (_NESTED.issuperset(kinds) and _FLAT.issuperset(inner_kinds)):
        return None
    if int in kinds and max(value for value in outer if type(value) is int) >= _INT64:
        return None
    if int in inner_kinds and max(value for value in inner if type(value) is int) >= _INT64:
        return None
    strings = kinds[str] + inner_kinds[str] + sum(map(len, records)) + sum(map(len, objects))
    return records if text.count(b'"') == 2 * strings else None


def _whole_with_reason(text: str) -> Any:
    """Parse with the slow parser, which finds each mistake and its place."""
    value, end = _value_at(text, _skip_space(text, 0))
    end = _skip_space(text, end)
    if end != len(text):
        raise NotStrict("not_json", end + 1)
    if _depth(value) > MAX_DEPTH:
        raise NotStrict("too_deep", 1)
    return value


def read_batch(body: bytes, max_bytes: int = 10_000_000, max_records: int = 25_000) -> list[Line]:
    """Read `{"records": […]}` into one line per record, numbered from 1.

    A record of the wrong shape is named as a bad line. JSON that is not strict, or not of this form, refuses
    the whole batch: SourceRefused with a code and the record and character where reading stopped.
    """
    if len(body) > max_bytes:
        raise SourceRefused("too_large", f"{len(body)} bytes, at most {max_bytes}")
    try:
        text = decode(body)
    except NotStrict as error:
        raise SourceRefused(error.code, f"byte {error.at}") from None
    start = _ENVELOPE.match(text)
    if start is None:
        raise SourceRefused("wrong_shape", 'the body is one object, {"records": […]}')
    return _read_records(text, start.end(), max_records)


def _read_records(text: str, at: int, max_records: int) -> list[Line]:
    lines: list[Line] = []
    if _ENVELOPE_END.match(text, at):
        return lines
    while True:
        if len(lines) == max_records:
            raise SourceRefused("too_many", f"at most {max_records} records in a batch")
        record, at = _read_record(text, at, len(lines) + 1)
        lines.append(line_of(len(lines) + 1, record))
        at = _skip_space(text, at)
        if not text.startswith(",", at):
            break
        at = _skip_space(text, at + 1)
    if not _ENVELOPE_END.match(text, at):
        raise SourceRefused("not_json", f"after record {len(lines)}, character {at + 1}")
    return lines


def _read_record(text: str, at: int, number: int) -> tuple[Any, int]:
    try:
        record, end = _value_at(text, at)
        if _depth(record) > MAX_DEPTH:
            raise NotStrict("too_deep", at + 1)
    except NotStrict as error:
        raise SourceRefused(error.code, f"record {number}, character {error.at}") from None
    return record, end


def line_of(number: int, record: Any) -> Line:
    """Return a record: an object of values, or of objects of values; anything else is a line with the reason."""
    if type(record) is not dict:
        return Line(number, None, "wrong_shape", "a record is an object")
    for value in record.values():
        kind = type(value)
        if kind is str or kind in _SCALARS:
            continue
        if kind is not dict or not _SCALARS.issuperset(map(type, value.values())):
            return Line(number, None, "wrong_shape", "a record holds values, or objects of values")
    return Line(number, record)


def _depth(value: Any) -> int:
    """Return how many containers lie within one another; counts no further than one over MAX_DEPTH."""
    level, inside = 0, [value]
    while level <= MAX_DEPTH:
        inside = [item for item in inside if type(item) is dict or type(item) is list]
        if not inside:
            return level
        level += 1
        inside = [child for item in inside for child in (item.values() if type(item) is dict else item)]
    return level


def _refuse_bad_text(value: Any, at: int) -> None:
    """Refuse lone surrogates and control characters, which escapes can smuggle in. Raises NotStrict."""
    plain = "".join(_strings(value))
    try:
        plain.encode("utf-8")
    except UnicodeEncodeError:
        raise NotStrict("lone_surrogate", at + 1) from None
    if _CONTROL.search(plain):
        raise NotStrict("control_character", at + 1)


def _strings(value: Any) -> list[str]:
    found, waiting = [], [value]
    while waiting:
        item = waiting.pop()
        if type(item) is str:
            found.append(item)
        elif type(item) is dict:
            waiting += [*item.keys(), *item.values()]
        elif type(item) is list:
            waiting += item
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise NotStrict("duplicate_key")
    return result


def _int(digits: str) -> int:
    if len(digits) > 20:  # before int(): its cost grows with the square of the length
        raise NotStrict("number_too_large")
    number = int(digits)
    if not -_INT64 <= number < _INT64:
        raise NotStrict("number_too_large")
    return number


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise NotStrict("number_too_large")
    return number


def _constant(_name: str) -> Any:
    raise NotStrict("not_a_number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_int, parse_float=_float, parse_constant=_constant)
