"""Send Naver smart notifications (네이버 스마트알림, message type NSA) through Solapi.

Protocol: protocols/solapi.py. The Python SDK's request model lacks `naverOptions`; they are as in its `NaverOption`
model and in the Node SDK.
"""

from dataclasses import dataclass
from typing import ClassVar

from notifications.channels.answers import text_values
from notifications.channels.contract import Message
from notifications.channels.protocols.solapi import Account, SolapiChannel
from secretary.kernel.adapters.config import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Account):
    talk_id: str = setting("SOLAPI_TALK_ID")  # 네이버 톡톡 account


class SolapiSmartNotification(SolapiChannel):
    channel: ClassVar[str] = "naver"
    gateway: ClassVar[str] = "solapi"
    needs_template: ClassVar[bool] = True
    types: ClassVar[tuple[str, ...]] = ("NSA",)
    _account: Config

    def content(self, message: Message) -> dict[str, object]:
        return {
            "type": "NSA",
            "naverOptions": {
                "talkId": self._account.talk_id,
                "templateId": message.template_code,
                "disableSms": True,  # this service falls back itself; Solapi's fall-back would send twice
                "variables": text_values(message.values, "#{{{}}}"),
            },
        }


ADAPTER = SolapiSmartNotification
