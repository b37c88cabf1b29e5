"""Send KakaoTalk notices (알림톡, Alimtalk) through NAVER Cloud SENS, Alimtalk API v2. Protocol: protocols/sens.py.

SENS gets the filled text, and compares it with the template. `useSmsFailover` is false: this service falls back itself,
and the vendor's fall-back would send twice (it must be off for the channel in the console too).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from notifications.channels.answers import national
from notifications.channels.codes import kakao
from notifications.channels.contract import Message, Outcome, Verdict
from notifications.channels.protocols.sens import Account, Item, SensChannel
from secretary.kernel.adapters.config import setting
from secretary.kernel.adapters.reading import code_label, label

ACCEPTED = "A000"  # `requestStatusCode`; any other: SENS did not take the message, and nothing is sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Account):
    service_id: str = setting("SENS_ALIMTALK_SERVICE_ID")  # ncp:kkobizmsg:kr:…
    plus_friend_id: str = setting("SENS_PLUS_FRIEND_ID")  # our KakaoTalk channel (카카오톡 채널 ID), @…


class SensAlimtalk(SensChannel):
    channel: ClassVar[str] = "kakaotalk"
    gateway: ClassVar[str] = "sens_alimtalk"
    needs_template: ClassVar[bool] = True
    value_codes: ClassVar[frozenset[str]] = kakao.VALUES
    _account: Config

    def path(self) -> str:
        return f"/alimtalk/v2/services/{self._account.service_id}/messages"

    def apart(self, message: Message) -> Hashable:
        return message.template_code

    def search(self) -> Mapping[str, str]:
        return {"plusFriendId": self._account.plus_friend_id}

    def body(self, messages: Sequence[Message]) -> Mapping[str, object]:
        return {
            "plusFriendId": self._account.plus_friend_id,
            "templateCode": messages[0].template_code,
            "messages": [
                {
                    "countryCode": "82",
                    "to": national(message.address),
                    **({"title": message.title} if message.title else {}),
                    "content": message.text,
                    "useSmsFailover": False,
                }
                for message in messages
            ],
        }

    def answered(self, reference: str, request_id: str, item: Item | None) -> Outcome:
        if item is None:
            return Outcome(reference, Verdict.UNKNOWN, "not-in-answer", request_id)
        code = code_label(item["requestStatusCode"])
        return Outcome(reference, Verdict.ACCEPTED if code == ACCEPTED else Verdict.RETRY_LATER, code, request_id)

    def reported(self, reference: str, item: Item) -> Outcome:
        request_id = label(item.get("requestId") or "")
        taken, code = (code_label(item.get(name) or "") for name in ("requestStatusCode", "messageStatusCode"))
        if taken and taken != ACCEPTED:
            return Outcome(reference, Verdict.RETRY_LATER, taken, request_id)
        if item.get("messageStatusName") == "processing" or not code:
            return Outcome(reference, Verdict.ACCEPTED, taken, request_id)
        return Outcome(reference, kakao.CODES.get(code, kakao.DEFAULT), code, request_id)


ADAPTER = SensAlimtalk
