"""Send text messages (SMS and LMS) through NHN Cloud SMS v3.0.

Protocol: docs.nhncloud.com, Notification > SMS > API v3.0 Guide, Webhook Guide. One request is one message: a request
has one text for all its recipients, and ours differ. (Its own templates, with `##placeholders##`, would need a copy of
each of ours in NHN's console.)
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from notifications.channels.answers import from_transport, national, unreadable
from notifications.channels.codes import nhn_sms as codes
from notifications.channels.contract import Callback, Limits, Message, Outcome, Polled, Receipt, Verdict
from notifications.channels.protocols import nhn
from notifications.channels.sms_or_lms import text_message
from secretary.kernel.adapters.config import setting
from secretary.kernel.adapters.exchange import HttpAnswer, HttpRequest
from secretary.kernel.adapters.reading import UNREADABLE, code_label, dump, instant, label, mapping
from secretary.kernel.adapters.timing import USUAL, Timing
from secretary.kernel.adapters.transport import BulkHttp

KINDS = ("sms", "mms")  # of the URL: long messages without a picture are `mms` there
_DATE = "%Y-%m-%d %H:%M:%S"

Listed = Mapping[str, Mapping[str, Any]]  # our reference → the message as NHN lists it


@dataclass(frozen=True, slots=True)
class Config:
    app_key: str = setting("NHN_SMS_APP_KEY")  # of the product SMS: another one than Alimtalk's
    secret_key: str = setting("NHN_SMS_SECRET_KEY")
    sender: str = setting("NHN_SMS_SENDER")  # registered sender number (발신 번호), digits
    webhook_secret: str = setting("NHN_SMS_WEBHOOK_SECRET")  # the signature entered in the console's webhook form
    base_url: str = setting("NHN_SMS_BASE_URL", "https://sms.api.nhncloudservice.com")


class NhnSms:
    channel: ClassVar[str] = "sms"
    gateway: ClassVar[str] = "nhn_sms"
    address_kind: ClassVar[str] = "phone"
    max_batch: ClassVar[int] = 500  # of our own choice: one page of a list by batch key has room for it
    needs_template: ClassVar[bool] = False
    reports_by: ClassVar[str] = "callback"
    limits: ClassVar[Limits] = Limits()
    value_codes: ClassVar[frozenset[str]] = codes.VALUES
    account_codes: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self,
        config: Config,
        *,
        callback_url: str,  # entered in NHN's console; the API accepts none
        http: BulkHttp | None = None,
        timing: Timing = USUAL,
    ) -> None:
        self._config = config
        self._http = http or BulkHttp(timing=timing)
        self._settle = timing.settle
        self._api = f"{config.base_url}/sms/v3.0/appKeys/{config.app_key}/sender"
        self._headers = {
            "X-Secret-Key": config.secret_key,
            "Content-Type": "application/json;charset=UTF-8",
        }

    def send(self, messages: Sequence[Message], *, batch_key: str) -> list[Outcome]:
        answers = self._http.perform([self._request(message, batch_key) for message in messages])
        return [_outcome(message.reference, answer) for message, answer in zip(messages, answers, strict=True)]

    def poll(self, polled: Sequence[Polled]) -> list[Outcome]:
        """List by our batch key; what is missing there and has no id of NHN's, one by one by our reference.

        That a key finds a message as soon as NHN has accepted it is unverified: hence `Timing.settle`, and the second
        query by another key before a message counts as never received. Short and long ones are listed apart: only
        where neither list has it.
        """
        groups = nhn.grouped(polled, lambda item: item.batch_key)
        outcomes: list[Outcome] = []
        absent: list[Polled] = []
        for group, listed in zip(groups, self._list([_by_batch(group) for group in groups]), strict=True):
            outcomes += _found(group, listed)
            if listed is not None:
                absent += [item for item in group if self._may_be_unseen(item, listed)]
        for item, listed in zip(absent, self._list([_by_reference(item) for item in absent]), strict=True):
            if listed == {}:
                outcomes.append(Outcome(item.message.reference, Verdict.RETRY_LATER, "not-listed"))
            outcomes += _found([item], listed)
        return outcomes

    def receive(self, callback: Callback) -> list[Receipt]:
        config = self._config
        return nhn.hooks(callback, secret=config.webhook_secret, app_key=config.app_key, read=_receipt)

    def _request(self, message: Message, batch_key: str) -> HttpRequest:
        sent = text_message(message)
        body = {
            **({"title": sent.subject} if sent.is_long else {}),
            "body": sent.text,
            "sendNo": self._config.sender,
            "senderGroupingKey": batch_key,
            "recipientList": [
                {"recipientNo": national(message.address), "recipientGroupingKey": message.reference},
            ],
        }
        return HttpRequest(f"{self._api}/{'mms' if sent.is_long else 'sms'}", self._headers, dump(body))

    def _may_be_unseen(self, item: Polled, listed: Listed) -> bool:
        """Count a message with NHN's own id as accepted, even where a list lacks it."""
        unseen = not item.vendor_id and item.message.reference not in listed
        return unseen and item.age > self._settle

    def _list(self, queries: Sequence[str]) -> list[Listed | None]:
        """Return for each query what both lists have; None where one of them gave no answer that can be read."""
        urls = [f"{self._api}/{kind}?{query}" for query in queries for kind in KINDS]
        answers = [_listed(answer) for answer in self._http.perform([HttpRequest(url, self._headers) for url in urls])]
        pairs = zip(answers[::2], answers[1::2], strict=True)
        return [None if short is None or long is None else {**short, **long} for short, long in pairs]


ADAPTER = NhnSms


def _by_batch(group: Sequence[Polled]) -> str:
    return _query({**nhn.around(group, _DATE), "senderGroupingKey": group[0].batch_key})


def _by_reference(item: Polled) -> str:
    return _query({**nhn.around([item], _DATE), "recipientGroupingKey": item.message.reference})


def _query(query: Mapping[str, str]) -> str:
    return urlencode({**query, "pageNum": "1", "pageSize": str(nhn.PAGE)})


def _listed(answer: HttpAnswer) -> Listed | None:
    try:
        body = mapping(answer.body)
        if not body["header"]["isSuccessful"]:
            return None
        return {item["recipientGroupingKey"]: item for item in body["body"]["data"]}
    except UNREADABLE:
        return None


def _found(group: Sequence[Polled], listed: Listed | None) -> Iterable[Outcome]:
    for reference in (item.message.reference for item in group):
        if item := (listed or {}).get(reference):
            code = code_label(item.get("resultCode") or "")
            verdict = codes.reported(str(item.get("msgStatus") or ""), code)
            yield Outcome(reference, verdict, code, _vendor_id(item))


def _outcome(reference: str, answer: HttpAnswer) -> Outcome:
    settled = from_transport(reference, answer)
    if settled:
        return settled
    try:
        body = mapping(answer.body)
        data = (body.get("body") or {}).get("data") or {}
        if results := data.get("sendResultList"):
            code = code_label(results[0]["resultCode"])
            return Outcome(
                reference,
                codes.API.get(code, codes.API_DEFAULT),
                code,
                _vendor_id({**results[0], "requestId": data["requestId"]}),
            )
        code = code_label(body["header"]["resultCode"])
        if body["header"]["isSuccessful"]:
            return Outcome(reference, Verdict.UNKNOWN, "not-in-answer")
        return Outcome(reference, codes.API.get(code, codes.API_DEFAULT), code)
    except UNREADABLE:
        return unreadable(reference, answer)


def _vendor_id(item: Mapping[str, Any]) -> str:
    return label(f"{item['requestId']}/{item['recipientSeq']}")


def _receipt(hook: Mapping[str, Any]) -> Receipt:
    code = code_label(hook.get("resultCode") or "")
    return Receipt(
        event_id=label(hook["hookId"]),
        reference=label(hook.get("recipientGroupingKey") or ""),  # one page of NHN's spells it otherwise: see vendor_id
        vendor_id=_vendor_id(hook),
        verdict=codes.reported(str(hook.get("messageStatus") or ""), code),
        code=code,
        happened_at=instant(hook.get("receiveDate"), nhn.KST),
    )
