"""Send text messages (message types SMS and LMS) through Solapi. Protocol: protocols/solapi.py."""

from dataclasses import dataclass
from typing import ClassVar

from notifications.channels.contract import Message
from notifications.channels.protocols.solapi import Account, SolapiChannel
from notifications.channels.sms_or_lms import text_message


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Account):
    """What every adapter of Solapi's needs is enough for a text message."""


class SolapiSms(SolapiChannel):
    channel: ClassVar[str] = "sms"
    gateway: ClassVar[str] = "solapi_sms"
    needs_template: ClassVar[bool] = False
    types: ClassVar[tuple[str, ...]] = ("SMS", "LMS")

    def content(self, message: Message) -> dict[str, object]:
        sent = text_message(message)
        return {"type": sent.kind, "text": sent.text, **({"subject": sent.subject} if sent.is_long else {})}


ADAPTER = SolapiSms
