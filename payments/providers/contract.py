"""Define the contract of payment providers: plain values in, plain results out.

A provider is one module in this folder. It imports no Django and no Celery, knows no other provider, and takes its
configuration through its constructor. `registry.py` finds it by itself.

The order of things is the same with all: `begin` opens the provider's own page, the citizen comes back with an
unverified token, and only `confirm`, from server to server, captures the money. A payment whose outcome the provider
has not stated is UNKNOWN and is polled (`poll`), never repeated under another key. Callbacks only trigger a poll.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Protocol


class Verdict(StrEnum):
    """What a provider reports about the money of one order."""

    PAID = "paid"  # captured; `Outcome.amount` is how much and `balance` what of it is left
    OPEN = "open"  # not captured, but this order may still be confirmed
    DECLINED = "declined"  # not captured, and this order will never be: final
    UNKNOWN = "unknown"  # may have been captured: poll, never confirm under another key


@dataclass(frozen=True, slots=True)
class Order:
    """One attempt to pay one bill. Names no person: providers get no record, no plate, no resident number."""

    order_id: str  # ours, 6–64 of [A-Za-z0-9_-], unique per payment; what every provider can be polled by
    amount: int  # won
    name: str  # what the citizen reads on the provider's page, e.g. 교통과태료; ≤ 100 characters
    payer: str  # an opaque key of the payer, the same for one citizen; ≤ 100 characters
    success_url: str  # where the provider sends the browser back to; they know the order by its path
    cancel_url: str
    fail_url: str


@dataclass(frozen=True, slots=True)
class Window:
    """A provider that publishes no address for browsers: its own script opens its window from a page of ours.

    The page has `script` in its script-src and the origins in form-action, frame-src and connect-src, hands
    `parameters` to the opener (static/payments/<provider>_window.js) as JSON, and shows a button.
    """

    script: str  # the vendor's script
    origins: tuple[str, ...]  # what the script talks to besides
    parameters: Mapping[str, Any]  # as JSON; public values only


@dataclass(frozen=True, slots=True)
class Begun:
    """The provider's page is open for this order, or will be once the citizen's browser has run `window`."""

    url: str  # where to send the citizen's browser; "" where there is a `window` instead
    vendor_id: str = ""  # the provider's id of it (tid), "" where it is given later: keep it for `confirm` and `poll`
    mobile_url: str = ""  # "" where one page serves all
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser brought back: from outside, so that none of it is believed before `confirm` or `poll`."""

    order_id: str  # "" where the provider does not repeat it
    vendor_id: str  # "" where it does not repeat it: then fill in `Begun.vendor_id` before `confirm`
    token: str = field(default="", repr=False)  # pg_token and the like
    amount: int | None = None  # won, by the browser; another than ours is flagged and not confirmed
    code: str = ""  # the provider's code where the citizen gave up or was refused, "" on success


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is now known of one order. `code` is the provider's own code; never personal data."""

    verdict: Verdict
    order_id: str = ""
    vendor_id: str = ""
    amount: int | None = None  # won that were captured
    balance: int | None = None  # won of it that are not refunded
    approved_at: datetime | None = None  # aware; the day of it is the day of payment (질서위반행위규제법 §17의2)
    method: str = ""  # the provider's word for card, transfer, money …
    code: str = ""
    retry_after: float | None = None  # seconds


class RefundVerdict(StrEnum):
    DONE = "done"
    REFUSED = "refused"  # certainly nothing was refunded, and repeating it would not help
    UNKNOWN = "unknown"  # may have been, or only not now: poll, then repeat only under the same key


@dataclass(frozen=True, slots=True)
class Refunded:
    verdict: RefundVerdict
    balance: int | None = None  # won left after it
    vendor_id: str = ""  # the provider's id of the cancellation
    code: str = ""


@dataclass(frozen=True, slots=True)
class Callback:
    """An HTTP request that a provider made to us, unparsed."""

    headers: Mapping[str, str]  # lower-case names
    body: bytes
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger to poll an order. No other part of a callback is used."""

    event_id: str  # the provider's, or made from what identifies it; unique per provider
    order_id: str = ""  # one of the two at least
    vendor_id: str = ""
    kind: str = ""  # the provider's name of the event


@dataclass(frozen=True, slots=True)
class SettlementLine:
    """One line of the provider's settlement file: what it reports as captured or refunded."""

    order_id: str
    vendor_id: str
    amount: int  # won; negative where it was refunded
    happened_at: datetime
    fee: int = 0


class ProviderRefused(Exception):
    """The provider has certainly refused a `begin` or a poll. `code` is its own."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ProviderUnavailable(Exception):
    """No useful answer, and no money can have moved: try again later, or another provider."""


class ForgedCallback(Exception):
    """The callback's authentication is missing or wrong: answer 401 and store nothing."""


class UnreadableCallback(Exception):
    """The callback cannot be parsed: answer 400."""


class Provider(Protocol):
    """One provider. Made once per process; used by one thread at a time."""

    name: ClassVar[str]  # toss_payments | kakaopay | naverpay: the module's name, in rows and addresses
    title: ClassVar[Mapping[str, str]]  # language → what citizens call it
    confirm_within: ClassVar[timedelta]  # after the citizen came back; later the provider has dropped the order
    key_window: ClassVar[timedelta]  # how long a call that is repeated under the same key happens once
    lists_settlements: ClassVar[bool]  # whether `settlements` has an answer; else orders are polled one by one

    def begin(self, order: Order) -> Begun:
        """Open the provider's page. Captures no money. Raises ProviderRefused, ProviderUnavailable."""

    def read_return(self, query: Mapping[str, str]) -> Returned:
        """Return what the browser brought back, by the names that this provider uses. Never raises."""

    def confirm(self, order: Order, returned: Returned, *, key: str) -> Outcome:
        """Capture the money, once. `key`: ours, the same for every repetition of this very call.

        Never raises for a failure of network or provider: a refused connection or a 429 is OPEN, a lost or unreadable
        answer, a 5xx and the provider's own "being processed" are UNKNOWN. An answer about another order than ours is
        UNKNOWN with the code "other-order".
        """

    def poll(self, *, order_id: str, vendor_id: str) -> Outcome:
        """Return what the provider knows of an order. UNKNOWN where it does not answer; OPEN where nothing was captured
        yet."""

    def refund(self, *, order_id: str, vendor_id: str, amount: int, remainder: int, reason: str, key: str) -> Refunded:
        """Refund `amount`; `remainder` is what must be left before it. Never raises.

        A balance that is not `remainder` may be our own earlier attempt: UNKNOWN where only `poll` can find out.
        """

    def receive(self, callback: Callback) -> list[Trigger]:
        """Authenticate a callback where it is signed; return what to poll. Raises ForgedCallback,
        UnreadableCallback."""

    def settlements(self, day: date) -> Sequence[SettlementLine]:
        """Return all that the provider captured and refunded on a day of Korea.

        Raises ProviderUnavailable; ProviderRefused, with the code "not_published" where the provider has no such list:
        then every order is polled instead.
        """
