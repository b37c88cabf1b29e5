"""Read a signed push: a batch of records that an agency posts, signed by Standard Webhooks.

secretary/kernel/http/standard_webhooks.py verifies the signature; this module reads the signed body.
"""

import re
from typing import Any

from notifications.sources import strict_json
from notifications.sources.contract import Line, SourceRefused
from notifications.sources.strict_json import NotStrict

_ENVELOPE = re.compile(r'[ \t\n\r]*\{[ \t\n\r]*"records"[ \t\n\r]*:[ \t\n\r]*\[[ \t\n\r]*')
_ENVELOPE_END = re.compile(r"\][ \t\n\r]*\}[ \t\n\r]*\Z")


def read_batch(body: bytes, max_bytes: int = 10_000_000, max_records: int = 25_000) -> list[Line]:
    """Read `{"records": […]}` into one line per record, numbered from 1.

    A record of the wrong shape is named as a bad line. JSON that is not strict, or not of this form, refuses
    the whole batch: SourceRefused with a code and the record and character where reading stopped.
    """
    if len(body) > max_bytes:
        raise SourceRefused("too_large", f"{len(body)} bytes, at most {max_bytes}")
    try:
        text = strict_json.decode(body)
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
        lines.append(Line.of(len(lines) + 1, record))
        at = strict_json.skip_space(text, at)
        if not text.startswith(",", at):
            break
        at = strict_json.skip_space(text, at + 1)
    if not _ENVELOPE_END.match(text, at):
        raise SourceRefused("not_json", f"after record {len(lines)}, character {at + 1}")
    return lines


def _read_record(text: str, at: int, number: int) -> tuple[Any, int]:
    try:
        record, end = strict_json.value_at(text, at)
        if strict_json.depth(record) > strict_json.MAX_DEPTH:
            raise NotStrict("too_deep", at + 1)
    except NotStrict as error:
        raise SourceRefused(error.code, f"record {number}, character {error.at}") from None
    return record, end
