"""Send KakaoTalk notices (알림톡, Alimtalk) through NHN Cloud KakaoTalk Bizmessage v2.3.

Protocol: docs.nhncloud.com, Notification > KakaoTalk Bizmessage > Alimtalk API v2.3 Guide, Webhook Guide.
`resendParameter` is never sent: this service falls back to the next channel itself, and NHN's would send twice
(it must be off in the console too, where it can be on by default).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from notifications.channels.answers import from_transport, national, unreadable
from notifications.channels.codes import kakao
from notifications.channels.codes import nhn_alimtalk as codes
from notifications.channels.contract import (
    Callback,
    Limits,
    Message,
    Outcome,
    Polled,
    Receipt,
    Verdict,
)
from notifications.channels.protocols import nhn
from notifications.channels.protocols import nhn_alimtalk_list as nhn_list
from secretary.kernel.adapters.config import setting
from secretary.kernel.adapters.exchange import HttpAnswer, HttpRequest
from secretary.kernel.adapters.reading import UNREADABLE, are_labels, code_label, dump, instant, label, mapping
from secretary.kernel.adapters.timing import USUAL, Timing
from secretary.kernel.adapters.transport import BulkHttp


@dataclass(frozen=True, slots=True)
class Config:
    app_key: str = setting("NHN_APP_KEY")
    secret_key: str = setting("NHN_SECRET_KEY")
    sender_key: str = setting("NHN_SENDER_KEY")  # 발신 키, 40 characters
    webhook_secret: str = setting("NHN_WEBHOOK_SECRET")  # the signature entered in the console's webhook form
    base_url: str = setting("NHN_BASE_URL", "https://kakaotalk-bizmessage.api.nhncloudservice.com")


class NhnAlimtalk:
    channel: ClassVar[str] = "kakaotalk"
    gateway: ClassVar[str] = "nhn"
    address_kind: ClassVar[str] = "phone"
    max_batch: ClassVar[int] = 1000
    needs_template: ClassVar[bool] = True
    reports_by: ClassVar[str] = "callback"
    # -1028: for new accounts a value of more than 14 characters is refused ("최초 사용자 제한").
    limits: ClassVar[Limits] = Limits(new_account_value_chars=14)
    value_codes: ClassVar[frozenset[str]] = codes.VALUES
    account_codes: ClassVar[frozenset[str]] = codes.ACCOUNT

    def __init__(
        self,
        config: Config,
        *,
        callback_url: str,  # entered in NHN's console; the API accepts none
        http: BulkHttp | None = None,
        timing: Timing = USUAL,
    ) -> None:
        self._config = config
        self._http = http or BulkHttp(connections=8, timing=timing)
        self._settle = timing.settle
        self._api = f"{config.base_url}/alimtalk/v2.3/appkeys/{config.app_key}"
        self._headers = {
            "X-Secret-Key": config.secret_key,
            "Content-Type": "application/json;charset=UTF-8",
        }

    def send(self, messages: Sequence[Message], *, batch_key: str) -> list[Outcome]:
        groups = nhn.grouped(messages, lambda message: message.template_code)
        answers = self._http.perform([self._request(group, batch_key) for group in groups])
        return [
            outcome for group, answer in zip(groups, answers, strict=True) for outcome in _group_outcomes(group, answer)
        ]

    def poll(self, polled: Sequence[Polled]) -> list[Outcome]:
        """Query by request id, or by our batch key where the answer was lost; what is missing there, one by one.

        That a key finds a message as soon as NHN has accepted it is unverified: hence `Timing.settle`, and the
        second query by another key before a message counts as never received.
        """
        groups = nhn.grouped(polled, lambda item: item.vendor_id.partition("/")[0] or (item.batch_key,))
        outcomes: list[Outcome] = []
        absent: list[Polled] = []
        for group, listed in zip(groups, self._list([_group_query(group) for group in groups]), strict=True):
            outcomes += _found(group, listed)
            if listed is not None:
                absent += [item for item in group if self._may_be_unseen(item, listed)]
        return outcomes + self._poll_one_by_one(absent)

    def _poll_one_by_one(self, polled: Sequence[Polled]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for item, listed in zip(polled, self._list([nhn_list.by_reference(item) for item in polled]), strict=True):
            if listed == {}:
                outcomes.append(Outcome(item.message.reference, Verdict.RETRY_LATER, "not-listed"))
            outcomes += _found([item], listed)
        return outcomes

    def _may_be_unseen(self, item: Polled, listed: nhn_list.Listed) -> bool:
        """Count a message with NHN's own id as accepted, even where a list lacks it."""
        unseen = not item.vendor_id and item.message.reference not in listed
        return unseen and item.age > self._settle

    def _list(self, queries: Sequence[str]) -> list[nhn_list.Listed | None]:
        requests = [HttpRequest(f"{self._api}/messages?{query}", self._headers) for query in queries]
        return [nhn_list.listed(answer) for answer in self._http.perform(requests)]

    def receive(self, callback: Callback) -> list[Receipt]:
        config = self._config
        expected = {"secret": config.webhook_secret, "app_key": config.app_key}
        return nhn.hooks(callback, **expected, read=_receipt, read_all=_receipts)

    def _request(self, group: Sequence[Message], batch_key: str) -> HttpRequest:
        template_code = group[0].template_code
        body = {
            "senderKey": self._config.sender_key,
            "templateCode": template_code,
            "senderGroupingKey": batch_key,
            "recipientList": [_recipient(message) for message in group],
        }
        # Within 10 minutes NHN refuses a second request with the same key (-1005): a last defence
        # below our own rule to poll, not to repeat. A batch may come in parts (providers.py): each has its own key.
        named = f"{template_code} {group[0].reference}"
        digest = hashlib.sha256(named.encode()).hexdigest()[:16]  # headers are ASCII only
        headers = {**self._headers, "X-NC-API-IDEMPOTENCY-KEY": f"{batch_key}-{digest}"}
        return HttpRequest(f"{self._api}/messages", headers, dump(body))


ADAPTER = NhnAlimtalk


def _group_query(group: Sequence[Polled]) -> str:
    request_id = group[0].vendor_id.partition("/")[0]
    return nhn_list.by_request(request_id) if request_id else nhn_list.by_batch(group)


def _found(group: Sequence[Polled], listed: nhn_list.Listed | None) -> list[Outcome]:
    known = listed or {}
    references = [item.message.reference for item in group]
    return [nhn_list.outcome(reference, known[reference]) for reference in references if reference in known]


def _recipient(message: Message) -> dict[str, object]:
    return {
        "recipientNo": national(message.address),
        "templateParameter": message.values,
        "recipientGroupingKey": message.reference,
    }


def _group_outcomes(group: Sequence[Message], answer: HttpAnswer) -> list[Outcome]:
    if settled := from_transport("", answer):
        return [settled._replace(reference=message.reference) for message in group]
    try:
        return _read_send(group, mapping(answer.body))
    except UNREADABLE:
        return [unreadable(message.reference, answer) for message in group]


def _read_send(group: Sequence[Message], body: Mapping[str, Any]) -> list[Outcome]:
    results = {item["recipientGroupingKey"]: item for item in (body.get("message") or {}).get("sendResults") or ()}
    whole = code_label(body["header"]["resultCode"])
    if together := _sent_together(group, results, body):
        return together
    return [_sent_outcome(message.reference, results.get(message.reference), body, whole) for message in group]


def _sent_together(
    group: Sequence[Message], results: Mapping[str, Any], body: Mapping[str, Any]
) -> list[Outcome] | None:
    """Return what `_sent_outcome` does, where each message has a result of the usual form; None: one by one."""
    try:
        found = [results[message.reference] for message in group]
        request_id, given = body["message"]["requestId"], [result["resultCode"] for result in found]
        vendor_ids = [f"{request_id}/{result['recipientSeq']}" for result in found]
        known = {
            code: (codes.API.get(text, codes.API_DEFAULT), text) for code in set(given) if (text := code_label(code))
        }
        if not (are_labels(vendor_ids) and {str, int}.issuperset(map(type, given))):  # and no true, which equals 1
            return None
        read = [known[code] for code in given]
    except UNREADABLE:
        return None
    return [
        Outcome(message.reference, verdict, code, vendor_id)
        for message, (verdict, code), vendor_id in zip(group, read, vendor_ids, strict=True)
    ]


def _sent_outcome(reference: str, result: Mapping[str, Any] | None, body: Mapping[str, Any], whole: str) -> Outcome:
    if result is not None:
        code = code_label(result["resultCode"])
        vendor_id = label(f"{body['message']['requestId']}/{result['recipientSeq']}")
        return Outcome(reference, codes.API.get(code, codes.API_DEFAULT), code, vendor_id)
    if body["header"]["isSuccessful"]:
        return Outcome(reference, Verdict.UNKNOWN, "not-in-answer")  # request accepted, this message not listed
    return Outcome(reference, codes.API.get(whole, codes.API_DEFAULT), whole)


def _receipts(hooks: Sequence[Mapping[str, Any]]) -> list[Receipt] | None:
    """Read what `_receipt` reads, of hooks of the usual form, in a few calls for all of them; None: one by one."""
    try:
        ids, given = [hook["hookId"] for hook in hooks], [hook["resultCode"] for hook in hooks]
        references = [hook["recipientGroupingKey"] for hook in hooks]
        vendor_ids = [f"{hook['requestId']}/{hook['recipientSeq']}" for hook in hooks]
        dates = [hook["receiveDate"] for hook in hooks]
        verdicts = {code: kakao.CODES.get(code, kakao.DEFAULT) for code in set(given)}
        instants = {at: instant(at, nhn.KST) for at in set(dates)}
        if not (are_labels(verdicts, 40) and all(map(are_labels, (ids, references, vendor_ids)))):
            return None
        if set(map(type, dates)) != {str}:
            return None
    except UNREADABLE:
        return None
    found = map(verdicts.__getitem__, given)
    return list(map(Receipt, ids, references, vendor_ids, found, given, map(instants.__getitem__, dates)))


def _receipt(hook: Mapping[str, Any]) -> Receipt:
    code = code_label(hook["resultCode"])
    return Receipt(
        event_id=label(hook["hookId"]),
        reference=label(hook.get("recipientGroupingKey") or ""),
        vendor_id=label(f"{hook['requestId']}/{hook['recipientSeq']}"),
        verdict=kakao.CODES.get(code, kakao.DEFAULT),
        code=code,
        happened_at=instant(hook.get("receiveDate"), nhn.KST),
    )
