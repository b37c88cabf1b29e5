"""Sign and verify Standard Webhooks: sender and time of a message, in three headers over its raw bytes.

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

SECRET_PREFIX = "whsec_"  # noqa: S105  (the public prefix, no secret)
HOUR = 3600
HOURS = tuple(hours for hours in range(-14, 15) if hours)  # as far as any country's clock is from UTC
KOREAS = (-9, 9)
SHORT_BODY = 64 * 1024  # bytes: 28 hashes of it take some 5 ms
MAX_SIGNATURES = 8  # more than a change-over of keys needs; keeps the work per request bounded
_ID = re.compile(r"[!-\-/-~]{1,100}")  # visible ASCII without the full stop, which separates the parts
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Signed:
    """A message that is authentic and fresh. `message_id` is the same when its sender repeats it."""

    message_id: str  # ≤ 100 characters
    sent_at: datetime


class SignatureRefused(Exception):
    """Base of the two refusals; `code` is a fixed word, never what was sent.

    `hours_ahead`: by how many whole hours the sender's time is wrong, where only that is wrong: the sender read the
    local clock as UTC (nine hours in Korea); else 0.
    """

    def __init__(self, code: str, hours_ahead: int = 0) -> None:
        super().__init__(code)
        self.code, self.hours_ahead = code, hours_ahead


class Forged(SignatureRefused):
    """Answer 401. Codes: missing_header, bad_id, bad_timestamp, no_key, bad_signature."""


class Stale(SignatureRefused):
    """Authentic, but too far from now: answer 400. Codes: too_old, from_the_future."""


def new_secret() -> str:
    """Return a signing secret as it is handed out: `whsec_` and base64 of 32 random bytes."""
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
    """Return the three headers that are sent with `body`."""
    timestamp = str(int(sent_at.timestamp()))
    signature = _signature(message_id, timestamp, body, secret).decode()
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}


def verify(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[bytes],
    now: datetime,
    tolerance_seconds: int = 300,
) -> Signed:
    """Check a message on its raw bytes, before anything of it is parsed.

    `headers`: names in any case. `secrets`: the sender's valid keys, more than one while they change over.
    Raises Forged; then, for an authentic message only, Stale.
    """
    message_id, timestamp, signatures = _read_headers(headers)
    if not secrets:
        raise Forged("no_key")
    expected = [_signature(message_id, timestamp, body, secret) for secret in secrets]
    # Every pair is compared, so that the time does not reveal which one was close.
    if not sum(hmac.compare_digest(given, right) for given in signatures for right in expected):
        raise Forged("bad_signature", _hours_signed_ahead(message_id, timestamp, body, secrets, signatures))
    age = int(now.timestamp()) - int(timestamp)
    if abs(age) > tolerance_seconds:
        hours = -round(age / HOUR)
        is_whole = hours in HOURS and abs(age + hours * HOUR) <= tolerance_seconds
        raise Stale("too_old" if age > 0 else "from_the_future", hours if is_whole else 0)
    return Signed(message_id, datetime.fromtimestamp(int(timestamp), UTC))


def _hours_signed_ahead(
    message_id: str, timestamp: str, body: bytes, secrets: Sequence[bytes], signatures: Sequence[bytes]
) -> int:
    """Return by how many whole hours the time that was signed differs from the one in the header; 0 where it does not.

    `standardwebhooks` 1.1.0 for Python signs the wall clock of an aware time as if it were UTC. Only the holder of the
    key learns anything. Each hour costs a hash of the body, so that for a long one only Korea's nine are tried.
    """
    tried = HOURS if len(body) <= SHORT_BODY else KOREAS
    found = 0
    for hours in tried:
        shifted = str(int(timestamp) + hours * HOUR)
        expected = [_signature(message_id, shifted, body, secret) for secret in secrets]
        if sum(hmac.compare_digest(given, right) for given in signatures for right in expected):
            found = hours
    return found


def is_message_id(text: str) -> bool:
    """Return whether a message can have this id at all."""
    return _ID.fullmatch(text) is not None


def _read_headers(headers: Mapping[str, str]) -> tuple[str, str, list[bytes]]:
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, timestamp = given["webhook-id"], given["webhook-timestamp"]
        signatures = given["webhook-signature"].split()
    except KeyError:
        raise Forged("missing_header") from None
    if not is_message_id(message_id):
        raise Forged("bad_id")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise Forged("bad_timestamp")
    ours = [item.encode("utf-8", "replace") for item in signatures if item.startswith("v1,")]
    if len(signatures) > MAX_SIGNATURES or not ours:
        raise Forged("bad_signature")
    return message_id, timestamp, ours


def _signature(message_id: str, timestamp: str, body: bytes, secret: bytes) -> bytes:
    digest = hmac.new(secret, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return b"v1," + base64.b64encode(digest)
