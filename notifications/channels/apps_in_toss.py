"""Send notices in the Toss app through the Apps in Toss messenger (스마트 발송), to users of our mini-app.

Protocol: developers-apps-in-toss.toss.im/smart-message/develop.html. Server to server with a client
certificate (mTLS). `send-bulk-message` (50–2,500 users) is not used: its answer does not name the user of each
result and there is no status query, so one failure would leave all of its recipients unknown.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from notifications.channels.answers import from_transport, unreadable
from notifications.channels.contract import (
    Callback,
    ForgedCallback,
    Limits,
    Message,
    Outcome,
    Polled,
    Receipt,
    Verdict,
)
from secretary.kernel.adapters.config import setting
from secretary.kernel.adapters.exchange import HttpAnswer, HttpRequest
from secretary.kernel.adapters.reading import UNREADABLE, code_label, dump, label, mapping
from secretary.kernel.adapters.timing import USUAL, Timing
from secretary.kernel.adapters.transport import BulkHttp

# The page publishes the statuses 400 (wrong or missing data), 401 (user not authenticated) and 403 (not
# allowed to send) and one `errorCode` as an example; the others are unpublished. All three mean that
# nothing was sent, and none tells whether the recipient or the template is at fault: the next channel is right
# in either case, and stopping a template for all recipients because of one bad key is not.
CODES: Mapping[str, Verdict] = {"INVALID_PARAMETER": Verdict.UNDELIVERABLE}
STATUSES: Mapping[int, Verdict] = {400: Verdict.UNDELIVERABLE, 401: Verdict.UNDELIVERABLE, 403: Verdict.UNDELIVERABLE}
REFUSED_DEFAULT = Verdict.RETRY_LATER  # an unpublished refusal, such as a rate limit: nothing was sent

PER_USER_A_MINUTE = 10  # calls for one user key; more are refused
COUNTS = ("sentPushCount", "sentInboxCount", "sentSmsCount", "sentAlimtalkCount", "sentFriendtalkCount")


@dataclass(frozen=True, slots=True)
class Config:
    certificate: str = setting("APPS_IN_TOSS_CERT")  # PEM file of our client certificate
    key: str = setting("APPS_IN_TOSS_KEY")  # PEM file of its key
    ca: str = setting("APPS_IN_TOSS_CA", "")  # PEM file of accepted authorities; "": the system's
    base_url: str = setting("APPS_IN_TOSS_BASE_URL", "https://apps-in-toss-api.toss.im")


class AppsInToss:
    channel: ClassVar[str] = "toss"
    gateway: ClassVar[str] = "toss"
    address_kind: ClassVar[str] = "toss_user_key"
    max_batch: ClassVar[int] = 500
    needs_template: ClassVar[bool] = True
    reports_by: ClassVar[str] = "answer"
    limits: ClassVar[Limits] = Limits()
    value_codes: ClassVar[frozenset[str]] = frozenset()  # every refusal counts as the recipient's: see CODES
    account_codes: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self, config: Config, *, callback_url: str, http: BulkHttp | None = None, timing: Timing = USUAL
    ) -> None:
        self._url = f"{config.base_url}/api-partner/v1/apps-in-toss/messenger/send-message"
        self._http = http or BulkHttp(timing=timing, certificate=config.certificate, key=config.key, ca=config.ca)

    def send(self, messages: Sequence[Message], *, batch_key: str) -> list[Outcome]:
        calls: Counter[str] = Counter()
        allowed: list[Message] = []
        outcomes: list[Outcome] = []
        for message in messages:
            calls[message.address] += 1
            if calls[message.address] <= PER_USER_A_MINUTE:
                allowed.append(message)
            else:
                outcomes.append(Outcome(message.reference, Verdict.RETRY_LATER, "user-limit", retry_after=60.0))
        answers = self._http.perform([self._request(message) for message in allowed])
        return outcomes + [_outcome(m.reference, answer) for m, answer in zip(allowed, answers, strict=True)]

    def poll(self, polled: Sequence[Polled]) -> list[Outcome]:
        """Return nothing: Toss has no status query, and a lost answer stays unknown until an operator reviews it."""
        return []

    def receive(self, callback: Callback) -> list[Receipt]:
        """Refuse every callback: Toss makes none."""
        raise ForgedCallback

    def _request(self, message: Message) -> HttpRequest:
        headers = {"Content-Type": "application/json", "x-toss-user-key": message.address}
        body = {"templateSetCode": message.template_code, "context": dict(message.values)}
        return HttpRequest(self._url, headers, dump(body))


ADAPTER = AppsInToss


def _outcome(reference: str, answer: HttpAnswer) -> Outcome:
    settled = from_transport(reference, answer)
    if settled:
        return settled
    try:
        body = mapping(answer.body)
        if body["resultType"] == "SUCCESS":
            return _sent(reference, body["success"])
        code = code_label(body["error"]["errorCode"])
    except UNREADABLE:
        return unreadable(reference, answer)
    return Outcome(reference, CODES.get(code, STATUSES.get(answer.status, REFUSED_DEFAULT)), code)


def _sent(reference: str, success: Mapping[str, Any]) -> Outcome:
    """Read `success` (counts by kind of arrival) and `detail`/`fail` (lists by kind, of messages' `contentId`)."""
    sent = sum(int(success[name]) for name in COUNTS)
    where = success["detail"] if sent else success["fail"]
    content_ids = [str(item.get("contentId") or "") for items in where.values() for item in items]
    vendor_id = label(content_ids[0]) if content_ids else ""
    if sent:
        return Outcome(reference, Verdict.DELIVERED, "SUCCESS", vendor_id)
    return Outcome(reference, Verdict.UNDELIVERABLE, "unreached", vendor_id)
