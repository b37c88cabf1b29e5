"""Name who hears of alarms, and hand them a text: by mail, or as a signed webhook (Standard Webhooks)."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPException
from typing import Any

import requests
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from secretary.kernel.http.outbound import OutboundRefused, session
from secretary.kernel.http.standard_webhooks import secret_bytes, sign

MAIL = "mail"  # the other way is a webhook


class NotSent(Exception):
    """The mail server or the webhook did not accept it; the message holds no address and no secret."""


@dataclass(frozen=True, slots=True)
class Recipient:
    position: int  # in ALARM_RECIPIENTS, from 1
    language: str
    way: str
    address: str

    @property
    def code(self) -> str:
        """Return how the database knows the recipient: no address, and the same after others were added."""
        return hashlib.sha256(f"{self.language} {self.address}".encode()).hexdigest()[:32]

    @property
    def name(self) -> str:
        """Return how pages and alarms name the recipient, without the address."""
        way = _("mail") if self.way == MAIL else _("webhook")
        return _("recipient %(position)d (%(way)s)") % {"position": self.position, "way": way}


@dataclass(frozen=True, slots=True)
class Text:
    """What one recipient gets at once. `key`: the same for the same content, so that a repeat is recognised."""

    key: str
    subject: str
    body: str
    data: dict[str, Any]


def recipients() -> list[Recipient]:
    return [Recipient(number, **each) for number, each in enumerate(settings.ALARM_RECIPIENTS, start=1)]


def hand_over(recipient: Recipient, text: Text, *, now: datetime) -> None:
    """Send it, waiting for some seconds at most. Raises NotSent."""
    try:
        if recipient.way == MAIL:
            _mail(recipient, text)
        else:
            _post(recipient, text, now)
    except (OSError, SMTPException, requests.RequestException, OutboundRefused, ValueError) as error:
        raise NotSent(type(error).__name__) from error


def _mail(recipient: Recipient, text: Text) -> None:
    headers = {"Auto-Submitted": "auto-generated", "Content-Language": recipient.language}
    message = EmailMessage(text.subject, text.body, to=[recipient.address], headers=headers)
    message.send()


def _post(recipient: Recipient, text: Text, now: datetime) -> None:
    """Open the address that the operator named, also inside our own network; redirects are refused."""
    sent = {"type": "alarms", "timestamp": now.isoformat(), "data": {"language": recipient.language, **text.data}}
    body = json.dumps(sent, ensure_ascii=False).encode()
    headers = sign(text.key, now, body, secret_bytes(settings.ALARM_WEBHOOK_SECRET))
    with session(allow_private=True) as calls:
        answer = calls.post(recipient.address, data=body, headers={**headers, "Content-Type": "application/json"})
    answer.raise_for_status()
