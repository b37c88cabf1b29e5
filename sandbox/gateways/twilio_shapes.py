"""Build a Twilio message as answers and status callbacks show it, and sign the callbacks.

Signature: base64 of HMAC-SHA1, keyed with the auth token, over the full URL followed by every form field's
name and value, sorted by name. Source: https://www.twilio.com/docs/usage/security#validating-requests.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from sandbox.state import credentials
from sandbox.state.handsets import BLOCKED, NOT_A_USER, OFF, REACHED
from sandbox.state.messages import DELIVERED, Entry, state_of
from sandbox.state.outbox import Post
from sandbox.state.receipts import Report

# https://www.twilio.com/docs/api/errors: 30003 unreachable, 30004 blocked, 30006 landline or unreachable carrier
OUTCOMES = {REACHED: "", OFF: "30003", BLOCKED: "30004", NOT_A_USER: "30006"}
_MESSAGES = {"30003": "Unreachable destination handset", "30004": "Message blocked", "30006": "Landline"}


def message_json(entry: Entry, now: float | None = None) -> dict[str, Any]:
    """Return the Message resource as it is at `now` (seconds since the epoch)."""
    status = status_of(entry, time.time() if now is None else now)
    failed = status == "undelivered"
    path = f"/2010-04-01/Accounts/{credentials.TWILIO_ACCOUNT_SID}/Messages/{entry.vendor_id}"
    return {
        "account_sid": credentials.TWILIO_ACCOUNT_SID,
        "api_version": "2010-04-01",
        "body": entry.text,
        "date_created": _rfc2822(entry.received_at),
        "date_sent": _rfc2822(entry.received_at) if status != "queued" else None,
        "date_updated": _rfc2822(entry.final_at if status != "queued" else entry.received_at),
        "direction": "outbound-api",
        "error_code": int(entry.code) if failed else None,
        "error_message": _MESSAGES[entry.code] if failed else None,
        "from": credentials.TWILIO_FROM,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": str(-(-len(entry.text) // 70)),
        "price": None,
        "price_unit": "USD",
        "sid": entry.vendor_id,
        "status": status,
        "subresource_uris": {"media": f"{path}/Media.json"},
        "to": entry.address,
        "uri": f"{path}.json",
    }


def status_of(entry: Entry, now: float) -> str:
    state = state_of(entry, now)
    return {"accepted": "queued", DELIVERED: "delivered"}.get(state, "undelivered")


def reporter(sent_too: Callable[[], bool]) -> Callable[[Sequence[Entry]], list[Report]]:
    """Status callbacks, one request a status. Twilio has no batches."""

    def report(entries: Sequence[Entry]) -> list[Report]:
        return [Report(_posts(entry, sent_too=sent_too()), [entry.seq]) for entry in entries]

    return report


def sign(url: str, form: Mapping[str, str]) -> str:
    text = url + "".join(name + form[name] for name in sorted(form))
    digest = hmac.new(credentials.TWILIO_AUTH_TOKEN.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def parse_instant(text: str) -> float:
    """Read an ISO 8601 date or instant, as the list's filters accept it; without an offset it is UTC."""
    instant = datetime.fromisoformat(text)
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def _posts(entry: Entry, *, sent_too: bool) -> list[Post]:
    final = "delivered" if entry.outcome == DELIVERED else "undelivered"
    return [_post(entry, status) for status in (("sent", final) if sent_too else (final,))]


def _post(entry: Entry, status: str) -> Post:
    form = {
        "AccountSid": credentials.TWILIO_ACCOUNT_SID,
        "ApiVersion": "2010-04-01",
        "From": credentials.TWILIO_FROM,
        "MessageSid": entry.vendor_id,
        "MessageStatus": status,
        "SmsSid": entry.vendor_id,
        "SmsStatus": status,
        "To": entry.address,
    }
    if status == "undelivered":
        form["ErrorCode"] = entry.code
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "X-Twilio-Signature": sign(entry.callback, form),
        "User-Agent": "TwilioProxy/1.1",
    }
    return Post(entry.callback, headers, urlencode(form).encode())


def _rfc2822(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(int(at), UTC))
