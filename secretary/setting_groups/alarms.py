"""Read who hears of alarms, and how (docs/adr/0050)."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from secretary import env

MAIL, WEBHOOK = "mail", "webhook"
FORM = 'must look like "ko:ops@example.go.kr,en:https://hooks.example.go.kr/alarms"'
_MAIL = re.compile(r"[^\s@,<>]+@[^\s@,<>]+\.[^\s@,<>]+")
TLS = {"smtp": "", "smtp+starttls": "starttls", "smtps": "tls"}  # by the scheme of SMTP_URL
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


def recipients(name: str) -> list[dict[str, str]]:
    """Return language, way and address of each recipient: "ko:ADDRESS,en:ADDRESS", of mail or of a webhook."""
    found = []
    for part in env.listing(name):
        language, _, address = part.partition(":")
        address = address.strip()
        way = WEBHOOK if address.startswith(("https://", "http://")) else MAIL
        if language not in ("ko", "en") or (way == MAIL and not _MAIL.fullmatch(address)):
            raise env.Misconfigured(name, FORM)
        found.append({"language": language, "way": way, "address": address})
    return found


def mail_server(name: str) -> dict[str, Any]:
    """Return Django's settings of the mail server: smtp+starttls://USER:PASSWORD@HOST:587, smtps:// or smtp://."""
    try:
        url = urlsplit(env.text(name, ""))
        port = url.port  # raises where it is no number
    except ValueError as error:
        raise env.Misconfigured(name, "cannot be read as an address") from error
    if url.geturl() and (url.scheme not in TLS or not url.hostname):
        raise env.Misconfigured(name, "must look like smtp+starttls://USER:PASSWORD@HOST:587")
    return {
        "EMAIL_HOST": url.hostname or "",
        "EMAIL_PORT": port or PORTS.get(url.scheme, 25),
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_TLS": TLS.get(url.scheme) == "starttls",
        "EMAIL_USE_SSL": TLS.get(url.scheme) == "tls",
    }


ALARM_RECIPIENTS = recipients("ALARM_RECIPIENTS")
ALARM_REPEAT_HOURS = env.integer("ALARM_REPEAT_HOURS", 12)  # an alarm that is still open is sent again after so long
ALARM_WEBHOOK_SECRET = env.text("ALARM_WEBHOOK_SECRET", "")  # `whsec_…`, as Standard Webhooks writes it
BEAT_PING_URL = env.text("BEAT_PING_URL", "")  # called each minute: who waits there notices that we are silent
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "")
_server = mail_server("SMTP_URL")
EMAIL_HOST, EMAIL_PORT = _server["EMAIL_HOST"], _server["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _server["EMAIL_HOST_USER"], _server["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _server["EMAIL_USE_TLS"], _server["EMAIL_USE_SSL"]
