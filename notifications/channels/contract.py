"""Define the contract of channels: plain values in, plain results out.

An adapter is one module in this folder. It imports no Django and no Celery, knows no other adapter, and takes
its configuration through its constructor. `registry.py` finds it by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, NamedTuple, Protocol


class Verdict(StrEnum):
    """What an answer or a receipt of a gateway says to do next."""

    ACCEPTED = "accepted"  # the gateway has it; a receipt follows, or we ask
    DELIVERED = "delivered"  # it reached the person's phone or app: final
    UNDELIVERABLE = "person"  # failed for this person for good: the next channel
    TEMPLATE_REJECTED = "wording"  # failed because of this template: stop it, raise an alarm
    RETRY_LATER = "later"  # certainly not sent: try again after a while
    UNKNOWN = "unknown"  # may have been sent: ask the gateway, never resend


class Message(NamedTuple):
    """One message of one delivery. Holds personal data: never logged, never queued."""

    reference: str  # our delivery's reference, unique per attempt, ≤ 32 of [A-Za-z0-9-]; what we ask the gateway by
    address: str  # E.164 phone number (+8210…), or the Toss user key
    template_code: str  # the vendor's code of the approved template; "" where the channel has none
    title: str  # "" where the template has none
    text: str  # the filled template, NFC
    values: Mapping[str, str]  # placeholder (as written between #{ and }) → value; none without a template


@dataclass(frozen=True, slots=True)
class Polled:
    """A delivery whose outcome we want to know."""

    message: Message
    vendor_id: str  # the gateway's own id of the message, "" where its answer was lost
    batch_key: str  # the key that `send` was given for the whole batch
    started_at: datetime  # aware
    polled_at: datetime  # aware, by the clock that `started_at` is of: this machine's may be an hour off

    @property
    def age(self) -> timedelta:
        """How long ago it was handed over."""
        return self.polled_at - self.started_at


class Outcome(NamedTuple):
    """What is now known of one message. `code` is the vendor's own code, as text; never personal data."""

    reference: str
    verdict: Verdict
    code: str = ""
    vendor_id: str = ""
    retry_after: float | None = None  # seconds, when the gateway said so


@dataclass(frozen=True, slots=True)
class Callback:
    """An HTTP request that a gateway made to us, unparsed."""

    method: str
    url: str  # the public URL exactly as the gateway called it, with its query string
    headers: Mapping[str, str]  # lower-case names
    body: bytes
    remote_address: str = ""  # who called, after trusted proxies; for gateways that publish their addresses


class Receipt(NamedTuple):
    """One event out of a callback. `reference` or `vendor_id` (or both) says which delivery it is about."""

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
    """Where a vendor takes less than its channel carries by itself (`LIMITS` in message_templates/limits.py).

    Of a message with its real values; bytes are EUC-KR bytes. None: no less.
    """

    max_chars: int | None = None
    max_bytes: int | None = None
    title_chars: int | None = None
    value_chars: int | None = None  # of one value
    new_account_value_chars: int | None = None  # the same, as long as the vendor counts our account as new


class Channel(Protocol):
    """One gateway. Instances are made once per process and must be safe to use from one thread at a time."""

    channel: ClassVar[str]  # sms | kakaotalk | naver | toss: what a citizen chooses
    gateway: ClassVar[str]  # the vendor, in receipt URLs and rows: twilio | nhn | solapi | toss
    address_kind: ClassVar[str]  # phone | toss_user_key
    max_batch: ClassVar[int]  # messages that one `send` takes
    needs_template: ClassVar[bool]
    reports_by: ClassVar[str]  # callback | poll | answer (the answer is final, there is no receipt)
    limits: ClassVar[Limits]  # the editor of templates keeps to them, and so does what is sent
    # Codes that find fault with a value of one record (too long, a banned word): UNDELIVERABLE, and TEMPLATE_REJECTED
    # only once several different records have them.
    value_codes: ClassVar[frozenset[str]]
    # Codes that say that our account may not send such a message (yet): UNDELIVERABLE, and an alarm about the account.
    account_codes: ClassVar[frozenset[str]]

    def send(self, messages: Sequence[Message], *, batch_key: str) -> list[Outcome]:
        """Hand messages to the gateway; exactly one outcome for each.

        Never raises for anything that the network or the gateway does: a refused connection is RETRY_LATER, a lost,
        late or unreadable answer is UNKNOWN.
        """

    def poll(self, asked: Sequence[Polled]) -> list[Outcome]:
        """Ask the gateway what became of these. Missing from the result: nothing is known (yet).

        RETRY_LATER here means: the gateway says that it has never seen the message, so that it may be sent again.
        """

    def receive(self, callback: Callback) -> list[Receipt]:
        """Authenticate and normalise a callback. Raises ForgedCallback, UnreadableCallback."""
