"""Choose between a short (SMS) and a long text message (LMS), for every Korean vendor: our choice, not theirs.

Carriers count EUC-KR bytes: up to 90 is a short message; a long one has up to 2,000 and a subject of up to 40. A vendor
cuts off what is longer, so that a wrong choice would lose the end of a notice. Nothing longer arrives here: see
`LIMITS` in subscriptions/message_templates/limits.py and notifications/delivery/fit.py.
"""

from typing import NamedTuple

from notifications.channels.contract import Message

SHORT_BYTES = 90
SUBJECT = "국민비서"  # of a long message whose template has no title: some vendors require one


class TextMessage(NamedTuple):
    """What a vendor is given. `subject` is "" for a short message, which has none."""

    is_long: bool
    subject: str
    text: str

    @property
    def kind(self) -> str:
        return "LMS" if self.is_long else "SMS"


def text_message(message: Message) -> TextMessage:
    """Return the message as it is sent: a title makes it a long one."""
    is_long = bool(message.title) or _bytes(message.text) > SHORT_BYTES
    return TextMessage(is_long, (message.title or SUBJECT) if is_long else "", message.text)


def _bytes(text: str) -> int:
    """Count a sign that EUC-KR lacks as two bytes: the vendor refuses it, and that one message, not the batch."""
    return sum(1 if sign.isascii() else 2 for sign in text)
