"""What the adapters of NAVER Cloud SENS share: the signature, requests of at most 100, and finding messages again.

Protocol: api.ncloud-docs.com/docs/common-ncpapi (signature v2), sens-overview, sens-sms-send, sens-sms-list,
sens-sms-get, sens-alimtalk-send, sens-alimtalk-list, sens-alimtalk-get; the government's: api-gov.ncloud-docs.com.
A list has `pageSize` messages (20 unless asked for, 100 at most) and, where `hasMore`, the `nextToken` of its next one.
SENS keeps no reference of ours and makes no callbacks: an answer has the id of the request alone. So no number stands
twice in one request, and request and number together name a message.
"""

import base64
import hmac
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta, timezone
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from notifications.channels.answers import from_transport, national, unreadable
from notifications.channels.contract import Callback, ForgedCallback, Limits, Message, Outcome, Polled, Receipt, Verdict
from secretary.kernel.adapters.config import setting
from secretary.kernel.adapters.exchange import HttpAnswer, HttpRequest
from secretary.kernel.adapters.reading import UNREADABLE, code_label, dump, http_code, label, mapping
from secretary.kernel.adapters.timing import USUAL, Timing
from secretary.kernel.adapters.transport import BulkHttp

AT_ONCE = 100  # messages of one request
KST = timezone(timedelta(hours=9))
# Request times are assumed to be KST, as in the examples: unverified, so the range is wide enough for UTC.
BEFORE, AFTER = timedelta(hours=10), timedelta(hours=14)

Item = Mapping[str, Any]  # a message as SENS lists it


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The variables that all adapters of SENS read; each adds its own."""

    access_key: str = setting("SENS_ACCESS_KEY")
    secret_key: str = setting("SENS_SECRET_KEY")
    # The host of the public region. The government's is https://sens.apigw.gov-ntruss.com.
    base_url: str = setting("SENS_BASE_URL", "https://sens.apigw.ntruss.com")


@dataclass(frozen=True, slots=True)
class Page:
    items: Sequence[Item]
    has_more: bool
    next_token: str


@dataclass(frozen=True, slots=True)
class Search:
    """A message that is looked for in the lists of its number, one page after another."""

    item: Polled
    query: Mapping[str, str]
    unread: bool = False  # one that was listed before could not be read: it may be the message


class SensChannel(ABC):
    """Send messages and poll them. A subclass names its paths and reads what SENS says of one message."""

    address_kind: ClassVar[str] = "phone"
    max_batch: ClassVar[int] = 500  # of one `send`, in requests of a hundred
    reports_by: ClassVar[str] = "poll"
    limits: ClassVar[Limits] = Limits()
    account_codes: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        config: Account,
        *,
        callback_url: str,  # of no use: SENS makes no callbacks
        http: BulkHttp | None = None,
        milliseconds: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        timing: Timing = USUAL,
    ) -> None:
        self._account = config
        self._http = http or BulkHttp(connections=16, timing=timing)
        self._milliseconds = milliseconds
        self._settle, self._list_pages = timing.settle, timing.list_pages
        self._base_url = config.base_url

    @abstractmethod
    def path(self) -> str:
        """Return the path of the service's messages, as it is signed."""

    @abstractmethod
    def apart(self, message: Message) -> Hashable:
        """Return what all messages of one request have in common."""

    @abstractmethod
    def body(self, messages: Sequence[Message]) -> Mapping[str, object]:
        """Return the content of a request."""

    @abstractmethod
    def answered(self, reference: str, request_id: str, item: Item | None) -> Outcome:
        """Return the outcome of a message of an accepted request; `item`: what the answer says of its number."""

    @abstractmethod
    def reported(self, reference: str, item: Item) -> Outcome:
        """Return the outcome of a listed message."""

    def search(self) -> Mapping[str, str]:
        """Return what a list by time and number needs besides."""
        return {}

    def send(self, messages: Sequence[Message], *, batch_key: str) -> list[Outcome]:
        numbers = [message for message in messages if _is_number(message)]
        chunks = self._chunks(numbers)
        answers = self._http.perform([self._post(chunk) for chunk in chunks])
        pairs = zip(chunks, answers, strict=True)
        outcomes = [outcome for chunk, answer in pairs for outcome in self._outcomes(chunk, answer)]
        return outcomes + [
            Outcome(message.reference, Verdict.UNDELIVERABLE, "no-number")
            for message in messages
            if not _is_number(message)
        ]

    def poll(self, polled: Sequence[Polled]) -> list[Outcome]:
        by_request: dict[str, list[Polled]] = {}
        lost = [item for item in polled if not item.vendor_id]
        for item in polled:
            if item.vendor_id:
                by_request.setdefault(item.vendor_id, []).append(item)
        queries = [{"requestId": request_id, "pageSize": str(AT_ONCE)} for request_id in by_request]
        outcomes: list[Outcome] = []
        for group, page in zip(by_request.values(), self._pages(queries), strict=True):
            listed = {each.get("to"): each for each in page.items} if page else {}
            for item in group:
                if each := listed.get(_number(item)):
                    outcomes.append(self.reported(item.message.reference, each))
        return outcomes + self._poll_lost(lost)

    def receive(self, callback: Callback) -> list[Receipt]:
        """Refuse every callback: SENS makes none."""
        raise ForgedCallback

    def _poll_lost(self, polled: Sequence[Polled]) -> list[Outcome]:
        """List the number's messages around that time, page by page, and compare their texts, each of which has a check
        code. What is behind the last page that is read is not known."""
        outcomes: list[Outcome] = []
        left = [Search(item, self._around(item)) for item in polled]
        for _ in range(self._list_pages):
            if not left:
                break
            left, found = self._look(left)
            outcomes += found
        return outcomes

    def _look(self, searches: Sequence[Search]) -> tuple[list[Search], list[Outcome]]:
        """Read a page of each; return what is looked for on its next page, and what was found out."""
        found: list[tuple[Search, Page, list[Item]]] = []
        for search, page in zip(searches, self._pages([search.query for search in searches]), strict=True):
            if page is not None:
                found.append((search, page, [each for each in page.items if each.get("to") == _number(search.item)]))
        unread = [each for _, _, items in found for each in items if "content" not in each]
        read = dict(zip((each["messageId"] for each in unread), self._details(unread), strict=True))
        further: list[Search] = []
        outcomes: list[Outcome] = []
        for search, page, items in found:
            texts = [read.get(each["messageId"], each) for each in items]
            goes_on = replace(search, unread=search.unread or None in texts)
            if outcome := self._among(search.item, texts):
                outcomes.append(outcome)
            elif page.has_more and page.next_token:
                further.append(replace(goes_on, query={**search.query, "nextToken": page.next_token}))
            elif not (page.has_more or goes_on.unread) and search.item.age > self._settle:
                outcomes.append(Outcome(search.item.message.reference, Verdict.RETRY_LATER, "not-listed"))
        return further, outcomes

    def _among(self, item: Polled, texts: Sequence[Item | None]) -> Outcome | None:
        wanted = item.message.text.split()
        ours = (each for each in texts if each is not None and str(each["content"]).split() == wanted)
        each = next(ours, None)
        return self.reported(item.message.reference, each) if each is not None else None

    def _around(self, item: Polled) -> dict[str, str]:
        at = item.started_at.astimezone(KST)
        return {
            "requestStartTime": f"{at - BEFORE:%Y-%m-%d %H:%M:%S}",
            "requestEndTime": f"{at + AFTER:%Y-%m-%d %H:%M:%S}",
            "to": _number(item),
            "pageSize": str(AT_ONCE),
            **self.search(),
        }

    def _chunks(self, messages: Sequence[Message]) -> list[list[Message]]:
        chunks: dict[Hashable, list[dict[str, Message]]] = {}
        for message in messages:
            alike = chunks.setdefault(self.apart(message), [])
            for chunk in alike:
                if len(chunk) < AT_ONCE and message.address not in chunk:
                    chunk[message.address] = message
                    break
            else:
                alike.append({message.address: message})
        return [list(chunk.values()) for alike in chunks.values() for chunk in alike]

    def _outcomes(self, chunk: Sequence[Message], answer: HttpAnswer) -> list[Outcome]:
        settled = [from_transport(message.reference, answer) for message in chunk]
        if settled[0]:
            return [outcome for outcome in settled if outcome]
        try:
            if answer.status >= 400:  # the whole request was refused: nothing was sent
                code = _refusal(answer)
                return [Outcome(message.reference, Verdict.RETRY_LATER, code) for message in chunk]
            body = mapping(answer.body)
            request_id = label(body["requestId"])
            items = {item["to"]: item for item in body.get("messages") or ()}
            return [self.answered(m.reference, request_id, items.get(national(m.address))) for m in chunk]
        except UNREADABLE:
            return [unreadable(message.reference, answer) for message in chunk]

    def _post(self, messages: Sequence[Message]) -> HttpRequest:
        path = self.path()
        headers = {**self._signed("POST", path), "Content-Type": "application/json; charset=utf-8"}
        return HttpRequest(f"{self._base_url}{path}", headers, dump(self.body(messages)))

    def _get(self, target: str) -> HttpRequest:
        return HttpRequest(f"{self._base_url}{target}", self._signed("GET", target))

    def _signed(self, method: str, target: str) -> dict[str, str]:
        """Return the headers of signature v2: Base64 HMAC-SHA256 over method, path with query, time and access key."""
        at, key = str(self._milliseconds()), self._account.access_key
        text = f"{method} {target}\n{at}\n{key}"
        signature = base64.b64encode(hmac.digest(self._account.secret_key.encode(), text.encode(), "sha256")).decode()
        return {
            "x-ncp-apigw-timestamp": at,
            "x-ncp-iam-access-key": key,
            "x-ncp-apigw-signature-v2": signature,
        }

    def _pages(self, queries: Sequence[Mapping[str, str]]) -> list[Page | None]:
        targets = [f"{self.path()}?{urlencode(query, quote_via=quote)}" for query in queries]
        return [_page(answer) for answer in self._http.perform([self._get(target) for target in targets])]

    def _details(self, items: Sequence[Item]) -> list[Item | None]:
        """Return each message with its text; None where nothing can be read."""
        targets = [f"{self.path()}/{quote(str(item['messageId']), safe='')}" for item in items]
        return [_detail(answer) for answer in self._http.perform([self._get(target) for target in targets])]


def _page(answer: HttpAnswer) -> Page | None:
    """Read a list; None where nothing can be read. What SENS answers where nothing matches, an empty list or a 404, is
    not documented: only the list says that it has nothing."""
    try:
        body = mapping(answer.body) if answer.status == 200 else {}
        items = [item for item in body["messages"] if item["messageId"]]
    except UNREADABLE:
        return None
    return Page(items, bool(body.get("hasMore")), str(body.get("nextToken") or ""))


def _detail(answer: HttpAnswer) -> Item | None:
    try:
        body = mapping(answer.body)
        item = body["messages"][0] if "messages" in body else body
        return item if item["content"] and item["messageId"] else None
    except UNREADABLE:
        return None


def _refusal(answer: HttpAnswer) -> str:
    """Return the gateway's own code (`{"error": {"errorCode"}}`) or, of SENS itself, the HTTP status."""
    error = mapping(answer.body).get("error")
    return code_label(error["errorCode"]) if isinstance(error, Mapping) else http_code(answer)


def _number(item: Polled) -> str:
    return national(item.message.address)


def _is_number(message: Message) -> bool:
    digits = national(message.address)
    return digits.isascii() and digits.isdecimal() and len(digits) <= 20
