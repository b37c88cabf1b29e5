"""Send text messages (SMS and LMS) through NAVER Cloud SENS, SMS API v2. Protocol: protocols/sens.py."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from notifications.channels.answers import national
from notifications.channels.codes import carriers
from notifications.channels.contract import Message, Outcome, Verdict
from notifications.channels.protocols.sens import Account, Item, SensChannel
from notifications.channels.sms_or_lms import SUBJECT, text_message
from secretary.kernel.adapters.config import setting
from secretary.kernel.adapters.reading import code_label, label

RESULTS: Mapping[str, Verdict] = {"success": Verdict.DELIVERED, "fail": Verdict.UNDELIVERABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Account):
    service_id: str = setting("SENS_SMS_SERVICE_ID")  # ncp:sms:kr:…
    sender: str = setting("SENS_SENDER")  # registered sender number (발신 번호), digits


class SensSms(SensChannel):
    channel: ClassVar[str] = "sms"
    gateway: ClassVar[str] = "sens_sms"
    needs_template: ClassVar[bool] = False
    value_codes: ClassVar[frozenset[str]] = carriers.VALUES
    _account: Config

    def path(self) -> str:
        return f"/sms/v2/services/{self._account.service_id}/messages"

    def apart(self, message: Message) -> Hashable:
        return text_message(message).kind

    def body(self, messages: Sequence[Message]) -> Mapping[str, object]:
        texts = [text_message(message) for message in messages]
        return {
            "type": texts[0].kind,
            "contentType": "COMM",
            "countryCode": "82",
            "from": self._account.sender,
            # Required, and never used, as each message has its own: one person's text must not be another's default.
            "content": SUBJECT,
            "messages": [
                {
                    "to": national(message.address),
                    **({"subject": sent.subject} if sent.is_long else {}),
                    "content": sent.text,
                }
                for message, sent in zip(messages, texts, strict=True)
            ],
        }

    def answered(self, reference: str, request_id: str, item: Item | None) -> Outcome:
        """The answer names no messages: the request is accepted with all of them."""
        return Outcome(reference, Verdict.ACCEPTED, "202", request_id)

    def reported(self, reference: str, item: Item) -> Outcome:
        code, request_id = code_label(item.get("statusCode") or ""), label(item.get("requestId") or "")
        if item.get("status") in ("READY", "PROCESSING"):
            return Outcome(reference, Verdict.ACCEPTED, code, request_id)
        result = RESULTS.get(str(item.get("statusName")), Verdict.UNKNOWN)
        return Outcome(reference, carriers.CODES.get(code, result), code, request_id)


ADAPTER = SensSms
