"""Define the contract of channels: plain values in, plain results out.

An adapter is one module in this folder. It imports no Django, no Celery and no other adapter, and gets its
configuration through its constructor. `registry.py` discovers it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, NamedTuple, Protocol


class Verdict(StrEnum):
    """The next step after a gateway's answer or receipt."""

    ACCEPTED = "accepted"  # the gateway has it; a receipt follows, or the gateway is polled
    DELIVERED = "delivered"  # it reached the recipient's phone or app: final
    UNDELIVERABLE = "person"  # failed for this recipient for good: the next channel
    TEMPLATE_REJECTED = "wording"  # failed because of this template: stop it, raise an alarm
    RETRY_LATER = "later"  # certainly not sent: retry after a while
    UNKNOWN = "unknown"  # may have been sent: poll the gateway, never resend


class Message(NamedTuple):
    """One message of one delivery. Holds personal data: never logged, never queued."""

    reference: str  # our delivery's reference, unique per attempt, ≤ 32 of [A-Za-z0-9-]; the gateway is polled by it
    address: str  # E.164 phone number (+8210…), or the Toss user key
    template_code: str  # the vendor's code of the approved template; "" where the channel has none
    title: str  # "" where the template has none
    text: str  # the filled template, NFC
    values: dict[str, str]  # placeholder (as written between #{ and }) → value; none without a template


@dataclass(frozen=True, slots=True)
class Polled:
    """A delivery whose status is polled."""

    message: Message
    vendor_id: str  # the gateway's own id of the message, "" where its answer was lost
    batch_key: str  # the key that `send` was given for the whole batch
    started_at: datetime  # aware
    polled_at: datetime  # aware, by the same clock as `started_at`: this machine's may be an hour off

    @property
    def age(self) -> timedelta:
        """Return how long ago it was handed over."""
        return self.polled_at - self.started_at


class Outcome(NamedTuple):
    """What the gateway reported of one message. `code` is the vendor's own code, as text; never personal data."""

    reference: str
    verdict: Verdict
    code: str = ""
    vendor_id: str = ""
    retry_after: float | None = None  # seconds, when the gateway gave a time to wait


class Callback(NamedTuple):
    """An HTTP request that a gateway made to us, unparsed."""

    method: str
    url: str  # the public URL exactly as the gateway called it, with its query string
    headers: Mapping[str, str]  # lower-case names
    body: bytes
    remote_address: str = ""  # the caller's address, after trusted proxies; for gateways that publish their addresses


class Receipt(NamedTuple):
    """One event out of a callback. `reference` or `vendor_id` (or both) identifies the delivery."""

    event_id: str  # the vendor's id of the event, or one made from what identifies it; unique per gateway
    reference: str
    vendor_id: str
    verdict: Verdict
    code: str
    happened_at: datetime | None = None


class ForgedCallback(Exception):
    """The callback's authentication is missing or wrong: answer 401 and store nothing."""


class UnreadableCallback(Exception):
    """The callback is authentic or unauthenticated noise but cannot be parsed: answer 400."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a vendor accepts less than its channel carries (`LIMITS` in message_templates/limits.py).

    They apply to a message with its real values; bytes are EUC-KR bytes. None: no lower limit.
    """

    max_chars: int | None = None
    max_bytes: int | None = None
    title_chars: int | None = None
    value_chars: int | None = None  # of one value
    new_account_value_chars: int | None = None  # the same, while the vendor treats our account as new


class Channel(Protocol):
    """One gateway. Instances are made once per process and must be safe to use from one thread at a time."""

    channel: ClassVar[str]  # sms | kakaotalk | naver | toss: the citizen's choice
    gateway: ClassVar[str]  # the vendor, in receipt URLs and rows: twilio | nhn | solapi | toss
    address_kind: ClassVar[str]  # phone | toss_user_key
    max_batch: ClassVar[int]  # most messages of one `send`
    needs_template: ClassVar[bool]
    reports_by: ClassVar[str]  # callback | poll | answer (the answer is final, there is no receipt)
    limits: ClassVar[Limits]  # enforced by the template editor and by delivery
    # Codes that reject a value of one record (too long, a banned word): UNDELIVERABLE, and TEMPLATE_REJECTED only
    # once several different records have them.
    value_codes: ClassVar[frozenset[str]]
    # Codes for a message that our account may not send (yet): UNDELIVERABLE, and an alarm about the account.
    account_codes: ClassVar[frozenset[str]]

    def send(self, messages: Sequence[Message], *, batch_key: str) -> list[Outcome]:
        """Send messages to the gateway; return exactly one outcome for each.

        Never raises for a failure of the network or the gateway: a refused connection is RETRY_LATER, a lost,
        late or unreadable answer is UNKNOWN.
        """

    def poll(self, polled: Sequence[Polled]) -> list[Outcome]:
        """Poll the gateway for the status of these. Missing from the result: nothing is known (yet).

        RETRY_LATER here means: the gateway reports that it never received the message, so that it may be sent again.
        """

    def receive(self, callback: Callback) -> list[Receipt]:
        """Authenticate and normalise a callback. Raises ForgedCallback, UnreadableCallback."""
