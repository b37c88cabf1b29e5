"""Send KakaoTalk notices (알림톡, Alimtalk, message type ATA) through Solapi.

Protocol: protocols/solapi.py; `kakaoOptions` as in PyPI `solapi` 5.0.3 (model/kakao/kakao_option.py).
"""

from dataclasses import dataclass
from typing import ClassVar

from notifications.channels.answers import text_values
from notifications.channels.contract import Message
from notifications.channels.protocols.solapi import Account, SolapiChannel
from secretary.kernel.adapters.config import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Account):
    pf_id: str = setting("SOLAPI_PF_ID")  # our KakaoTalk channel's sender profile (발신프로필) at Solapi


class SolapiAlimtalk(SolapiChannel):
    channel: ClassVar[str] = "kakaotalk"
    gateway: ClassVar[str] = "solapi_alimtalk"
    needs_template: ClassVar[bool] = True
    types: ClassVar[tuple[str, ...]] = ("ATA",)
    _account: Config

    def content(self, message: Message) -> dict[str, object]:
        return {
            "type": "ATA",
            "kakaoOptions": {
                "pfId": self._account.pf_id,
                "templateId": message.template_code,
                "disableSms": True,  # this service falls back itself; Solapi's fall-back would send twice
                "variables": text_values(message.values, "#{{{}}}"),
            },
        }


ADAPTER = SolapiAlimtalk
