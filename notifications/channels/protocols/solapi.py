"""What Solapi's adapters share: `send-many/detail`, `list-old`, and the webhook of single reports.

Protocol: PyPI `solapi` 5.0.3 (send-many/detail, list-old, Authorization), its models for the shapes, and
github.com/solapi/documents for webhooks.
"""

import hashlib
import hmac
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, ClassVar
from urllib.parse import urlencode

from notifications.channels.answers import callback_json, from_transport, national, unreadable
from notifications.channels.codes import solapi as codes
from notifications.channels.contract import (
    Callback,
    ForgedCallback,
    Limits,
    Message,
    Outcome,
    Polled,
    Receipt,
    UnreadableCallback,
    Verdict,
)
from secretary.kernel.adapters.config import setting
from secretary.kernel.adapters.exchange import HttpAnswer, HttpRequest
from secretary.kernel.adapters.reading import UNREADABLE, code_label, dump, instant, label, mapping
from secretary.kernel.adapters.timing import USUAL, Timing
from secretary.kernel.adapters.transport import BulkHttp

Network = IPv4Network | IPv6Network
PAGE = 500  # the page size limit of a list
CLOCK_SKEW = timedelta(seconds=30)
SEARCHED = timedelta(minutes=10)  # a message whose answer was lost was created within this after its send


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The variables that all of Solapi's adapters read; each adds its own."""

    api_key: str = setting("SOLAPI_API_KEY")
    api_secret: str = setting("SOLAPI_API_SECRET")
    sender: str = setting("SOLAPI_SENDER")  # registered sender number
    # The secret entered in the console's webhook form; `X-Solapi-Secret` carries its SHA-1. Unverified: no page of
    # Solapi's was available, several integrators' code agrees. It is a fixed value, so callers can be restricted
    # to addresses (comma-separated networks) as well.
    webhook_secret: str = setting("SOLAPI_WEBHOOK_SECRET")
    webhook_networks: str = setting("SOLAPI_WEBHOOK_NETWORKS", "")
    base_url: str = setting("SOLAPI_BASE_URL", "https://api.solapi.com")


class SolapiChannel(ABC):
    """Send, poll and receive messages of some of Solapi's types. A subclass names the types and writes a message."""

    types: ClassVar[tuple[str, ...]]  # Solapi's, as in `type`: a webhook of another type is another adapter's
    address_kind: ClassVar[str] = "phone"
    max_batch: ClassVar[int] = PAGE  # send-many accepts more; a batch must fit in one page of a status query
    reports_by: ClassVar[str] = "callback"
    limits: ClassVar[Limits] = Limits()
    value_codes: ClassVar[frozenset[str]] = codes.VALUES
    account_codes: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        config: Account,
        *,
        callback_url: str,  # entered in Solapi's console; the API accepts none
        http: BulkHttp | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        timing: Timing = USUAL,
    ) -> None:
        self._account = config
        self._networks = networks(config.webhook_networks)
        self._http = http or BulkHttp(connections=32, timing=timing)
        self._now = now
        self._settle = timing.settle

    @abstractmethod
    def content(self, message: Message) -> dict[str, object]:
        """Return the fields of a message that its type has: `type`, its text or its template and values."""

    def send(self, messages: Sequence[Message], *, batch_key: str) -> list[Outcome]:
        """Send one request for each template: an unreadable answer then does not affect other templates."""
        groups: dict[str, list[Message]] = {}
        for message in messages:
            groups.setdefault(message.template_code, []).append(message)
        answers = self._http.perform([self._request(group) for group in groups.values()])
        pairs = zip(groups.values(), answers, strict=True)
        return [outcome for group, answer in pairs for outcome in _outcomes(group, answer)]

    def poll(self, polled: Sequence[Polled]) -> list[Outcome]:
        groups = _grouped(polled)
        answers = self._http.perform([self._list_request(group) for group in groups])
        return [
            outcome for group, answer in zip(groups, answers, strict=True) for outcome in self._found(group, answer)
        ]

    def receive(self, callback: Callback) -> list[Receipt]:
        """Authenticate and parse a callback. Unverified: see `Account.webhook_secret`."""
        given = callback.headers.get("x-solapi-secret", "").lower()
        expected = hashlib.sha1(self._account.webhook_secret.encode(), usedforsecurity=False).hexdigest()
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise ForgedCallback
        if not _within(callback.remote_address, self._networks):
            raise ForgedCallback
        return _receipts(callback_json(callback.body), self.types)

    def _request(self, messages: Sequence[Message]) -> HttpRequest:
        body = {
            "messages": [self._message(message) for message in messages],
            # Without it the answer lists only the refused messages, and the others' ids stay unknown.
            "showMessageList": True,
            # "Duplicate" means the same number twice in one request. Two notices to one person may be in one
            # batch; the same notice cannot (a unique constraint of ours), so nothing is gained by refusing.
            "allowDuplicates": True,
        }
        return HttpRequest(f"{self._account.base_url}/messages/v4/send-many/detail", self._headers(), dump(body))

    def _message(self, message: Message) -> dict[str, object]:
        return {
            "to": national(message.address),
            "from": self._account.sender,
            "country": "82",
            "autoTypeDetect": False,
            "customFields": {"reference": message.reference},
            **self.content(message),
        }

    def _headers(self) -> dict[str, str]:
        signed = _authorization(self._account.api_key, self._account.api_secret, now=self._now())
        return {"Authorization": signed, "Content-Type": "application/json"}

    def _list_request(self, group: Sequence[Polled]) -> HttpRequest:
        """Return a batch by its group id; a message whose answer was lost by its number and time."""
        group_id = _group_id(group[0])
        query = {"limit": str(PAGE), **({"groupId": group_id} if group_id else self._around(group[0]))}
        return HttpRequest(f"{self._account.base_url}/messages/v4/list-old?{urlencode(query)}", self._headers())

    def _around(self, item: Polled) -> dict[str, str]:
        return {
            "to": national(item.message.address),
            # A text may be short or long; our reference tells it from any other message to the number.
            **({"type": self.types[0]} if len(self.types) == 1 else {}),
            "dateType": "CREATED",
            "startDate": (item.started_at - CLOCK_SKEW).isoformat(),
            "endDate": (item.started_at + SEARCHED).isoformat(),
        }

    def _found(self, group: Sequence[Polled], answer: HttpAnswer) -> Iterable[Outcome]:
        """Yield what a list says of the messages that it was asked for."""
        try:
            listed = _listed(answer)
        except UNREADABLE:
            return  # no answer, or none that can be read: still unknown
        for item in group:
            reference = item.message.reference
            if reference in listed:
                yield _stated(reference, listed[reference])
            elif not item.vendor_id and len(listed) < PAGE and item.age > self._settle:
                yield Outcome(reference, Verdict.RETRY_LATER, "not-listed")


def _outcomes(messages: Sequence[Message], answer: HttpAnswer) -> list[Outcome]:
    settled = [from_transport(message.reference, answer) for message in messages]
    if all(settled):
        return [outcome for outcome in settled if outcome]
    try:
        body = mapping(answer.body)
        if answer.status >= 400:  # {"errorCode", "errorMessage"}: the whole request was refused
            code = code_label(body["errorCode"])
            return [Outcome(message.reference, Verdict.RETRY_LATER, code) for message in messages]
        return _read_send(messages, body)
    except UNREADABLE:
        return [unreadable(message.reference, answer) for message in messages]


def _read_send(messages: Sequence[Message], body: Mapping[str, Any]) -> list[Outcome]:
    group_id = body["groupInfo"]["groupId"]
    named = [*(body.get("messageList") or ()), *(body.get("failedMessageList") or ())]
    items = {item["customFields"]["reference"]: {**item, "groupId": group_id} for item in named}
    return [
        _stated(message.reference, items[message.reference])
        if message.reference in items
        else Outcome(message.reference, Verdict.UNKNOWN, "not-in-answer")
        for message in messages
    ]


def _stated(reference: str, item: Mapping[str, Any]) -> Outcome:
    code = code_label(item["statusCode"])
    return Outcome(reference, codes.verdict(code), code, label(f"{item['groupId']}/{item['messageId']}"))


def _grouped(polled: Sequence[Polled]) -> list[list[Polled]]:
    groups: dict[str, list[Polled]] = {}
    for item in polled:
        groups.setdefault(_group_id(item) or item.message.reference, []).append(item)
    return list(groups.values())


def _group_id(item: Polled) -> str:
    return item.vendor_id.partition("/")[0]


def _listed(answer: HttpAnswer) -> dict[str, Mapping[str, Any]]:
    """Return reference → message; `messageList` maps message ids to messages."""
    messages = mapping(answer.body)["messageList"].values()
    return {(item.get("customFields") or {}).get("reference", ""): item for item in messages}


def networks(listed: str) -> list[Network]:
    """Parse comma-separated addresses and networks. Raises ValueError for anything else."""
    return [ip_network(network.strip()) for network in listed.split(",") if network.strip()]


def _within(address: str, allowed: Sequence[Network]) -> bool:
    if not allowed:
        return True
    try:
        caller = ip_address(address)
    except ValueError:
        return False
    mapped = caller.ipv4_mapped if isinstance(caller, IPv6Address) else None  # ::ffff:192.0.2.1, a dual-stack socket's
    return any((mapped or caller) in network for network in allowed)


def _receipts(body: Any, types: Sequence[str]) -> list[Receipt]:
    """Read the reports of these types. Each webhook of an account gets the reports of all (unverified): the rest are
    other adapters'."""
    if not isinstance(body, list):
        raise UnreadableCallback("not a list of reports")
    try:
        return [_receipt(event) for event in body if event["data"].get("type", types[0]) in types]
    except UNREADABLE:
        raise UnreadableCallback("not reports of the documented shape") from None


def _authorization(api_key: str, api_secret: str, *, now: datetime) -> str:
    """Return the header's value: `HMAC-SHA256 ApiKey=…, Date=…, salt=…, signature=…`. A salt is used once.

    Source: PyPI `solapi` 5.0.3, lib/authenticator.py; signature = hex HMAC-SHA256(secret, date + salt).
    """
    date, salt = now.isoformat(), secrets.token_hex(16)
    signature = hmac.new(api_secret.encode(), (date + salt).encode(), hashlib.sha256).hexdigest()
    return f"HMAC-SHA256 ApiKey={api_key}, Date={date}, salt={salt}, signature={signature}"


def _receipt(event: Mapping[str, Any]) -> Receipt:
    data = event["data"]
    code = code_label(data["statusCode"])
    return Receipt(
        event_id=label(event["eventDataId"]),
        reference=label((data.get("customFields") or {}).get("reference", "")),
        vendor_id=label(f"{data['groupId']}/{data['messageId']}"),
        verdict=codes.verdict(code),
        code=code,
        happened_at=instant(data.get("dateReported"), UTC),
    )
