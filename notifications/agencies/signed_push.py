"""Signed push: an agency posts a batch of records to us, signed as Standard Webhooks says.

Signature: `webhook-signature: v1,<base64 HMAC-SHA256>` over `{webhook-id}.{webhook-timestamp}.{raw body}`,
several separated by spaces while a key is changed over. Source: the Standard Webhooks specification
(github.com/standard-webhooks/standard-webhooks), "Signature scheme" and "Webhook headers".
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets as random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from notifications.agencies import strict_json
from notifications.agencies.contract import Line, SourceRefused
from notifications.agencies.lines import line_of
from notifications.agencies.strict_json import NotStrict

SECRET_PREFIX = "whsec_"  # noqa: S105  (the public prefix, no secret)
MAX_SIGNATURES = 8  # more than a change-over of keys needs; keeps the work per request bounded
_ID = re.compile(r"[!-\-/-~]{1,100}")  # visible ASCII without the full stop, which separates the parts
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_ENVELOPE = re.compile(r'[ \t\n\r]*\{[ \t\n\r]*"records"[ \t\n\r]*:[ \t\n\r]*\[[ \t\n\r]*')
_ENVELOPE_END = re.compile(r"\][ \t\n\r]*\}[ \t\n\r]*\Z")


@dataclass(frozen=True, slots=True)
class Push:
    """A push that is authentic and fresh. `message_id` is the same when the agency repeats it."""

    message_id: str  # ≤ 100 characters
    sent_at: datetime


class PushRefused(Exception):
    """Base of the two refusals; `code` is a fixed word, never what was sent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ForgedPush(PushRefused):
    """Answer 401. Codes: missing_header, bad_id, bad_timestamp, no_key, bad_signature."""


class StalePush(PushRefused):
    """Authentic, but too far from now: answer 400. Codes: too_old, from_the_future."""


def new_secret() -> str:
    """A signing secret as it is handed to an agency: `whsec_` and base64 of 32 random bytes."""
    return SECRET_PREFIX + base64.b64encode(random.token_bytes(32)).decode()


def secret_bytes(secret: str) -> bytes:
    """`whsec_` + base64 → the key. Raises ValueError unless it is 24 to 64 bytes long, as specified."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a signing secret is whsec_ and base64") from None
    if not 24 <= len(key) <= 64:
        raise ValueError("a signing secret has 24 to 64 bytes")
    return key


def sign(message_id: str, sent_at: datetime, body: bytes, secret: bytes) -> dict[str, str]:
    """The three headers that an agency sends with `body`."""
    timestamp = str(int(sent_at.timestamp()))
    signature = _signature(message_id, timestamp, body, secret).decode()
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}


def verify(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[bytes],
    now: datetime,
    tolerance_seconds: int = 300,
) -> Push:
    """Check a push on its raw bytes, before anything of it is parsed.

    `headers`: names in any case. `secrets`: the agency's valid keys, more than one while it changes over.
    Raises ForgedPush; then, for an authentic push only, StalePush.
    """
    message_id, timestamp, signatures = _read_headers(headers)
    if not secrets:
        raise ForgedPush("no_key")
    expected = [_signature(message_id, timestamp, body, secret) for secret in secrets]
    # Every pair is compared, so that the time taken does not tell which one was close.
    if not sum(hmac.compare_digest(given, right) for given in signatures for right in expected):
        raise ForgedPush("bad_signature")
    age = int(now.timestamp()) - int(timestamp)
    if abs(age) > tolerance_seconds:
        raise StalePush("too_old" if age > 0 else "from_the_future")
    return Push(message_id, datetime.fromtimestamp(int(timestamp), UTC))


def read_batch(body: bytes, max_bytes: int = 10_000_000, max_records: int = 25_000) -> list[Line]:
    """`{"records": […]}` → one line per record, numbered from 1.

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


def _read_headers(headers: Mapping[str, str]) -> tuple[str, str, list[bytes]]:
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, timestamp = given["webhook-id"], given["webhook-timestamp"]
        signatures = given["webhook-signature"].split()
    except KeyError:
        raise ForgedPush("missing_header") from None
    if not _ID.fullmatch(message_id):
        raise ForgedPush("bad_id")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise ForgedPush("bad_timestamp")
    ours = [item.encode("utf-8", "replace") for item in signatures if item.startswith("v1,")]
    if len(signatures) > MAX_SIGNATURES or not ours:
        raise ForgedPush("bad_signature")
    return message_id, timestamp, ours


def _signature(message_id: str, timestamp: str, body: bytes, secret: bytes) -> bytes:
    digest = hmac.new(secret, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return b"v1," + base64.b64encode(digest)


def _read_records(text: str, at: int, max_records: int) -> list[Line]:
    lines: list[Line] = []
    if _ENVELOPE_END.match(text, at):
        return lines
    while True:
        if len(lines) == max_records:
            raise SourceRefused("too_many", f"at most {max_records} records in a batch")
        record, at = _read_record(text, at, len(lines) + 1)
        lines.append(line_of(len(lines) + 1, record))
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
