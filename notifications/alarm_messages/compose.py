"""Compose what one recipient is sent about alarms: what each means and what to do, in their language.

Nothing of an alarm's own message: it is for the page behind the sign-in, to which a link leads.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notifications.alarm_messages.recipients import Recipient, Text
from notifications.models import Alarm


@dataclass(frozen=True, slots=True)
class News:
    """What a recipient has not heard of yet: alarms that were raised, that are still open, and that have ended."""

    raised: Sequence[Alarm] = ()
    still: Sequence[Alarm] = ()
    ended: Sequence[Alarm] = ()

    def __bool__(self) -> bool:
        return bool(self.raised or self.still or self.ended)


def compose(news: News, recipient: Recipient, *, times: str) -> Text:
    """Return the text. `times`: what tells a repeat of this text from the same text of another day."""
    with translation.override(recipient.language):
        parts = {"raised": news.raised, "still_open": news.still, "ended": news.ended}
        heads = {"raised": _("New"), "still_open": _("Still open"), "ended": _("Ended")}
        lines = [_("Alarms of the Public Secretary at %s") % settings.PUBLIC_BASE_URL]
        for name, alarms in parts.items():
            if alarms:
                lines += ["", f"[{heads[name]}]", *(line for alarm in alarms for line in _lines(alarm, name))]
        lines += ["", _("No personal data is in this message. Sign in to see more.")]
        text = "\n".join(lines)
        data = {"text": text, **{name: [_facts(alarm) for alarm in alarms] for name, alarms in parts.items()}}
        key = hashlib.sha256(f"{recipient.code} {times} {text}".encode()).hexdigest()[:32]
        return Text(f"alarms_{key}", _subject(news), text, data)


def compose_test(recipient: Recipient, *, times: str) -> Text:
    with translation.override(recipient.language):
        text = _("This is a test of the alarms of the Public Secretary at %s. No action is needed.")
        text %= settings.PUBLIC_BASE_URL
        key = hashlib.sha256(f"{recipient.code} {times}".encode()).hexdigest()[:32]
        return Text(f"test_{key}", _("[Public Secretary] Test of the alarms"), text, {"text": text, "test": True})


def _subject(news: News) -> str:
    fresh = len(news.raised)
    if fresh == 1:
        return _("[Public Secretary] Alarm: %s") % news.raised[0]
    if fresh:
        return ngettext("[Public Secretary] %d alarm", "[Public Secretary] %d alarms", fresh) % fresh
    if news.still:
        return _("[Public Secretary] Alarms are still open")
    return _("[Public Secretary] Alarms have ended")


def _lines(alarm: Alarm, part: str) -> list[str]:
    since = f"{localtime(alarm.raised_at):%Y-%m-%d %H:%M}"
    head = f"- {alarm.title} ({alarm.place}), {since}"
    if part == "ended":
        return [head]
    return [head, f"  {alarm.remedy}", f"  {_address(alarm)}"]


def _facts(alarm: Alarm) -> dict[str, Any]:
    return {
        "kind": alarm.kind,
        "subject": alarm.subject,
        "title": alarm.title,
        "remedy": alarm.remedy,
        "times": alarm.times,
        "raised_at": alarm.raised_at.isoformat(),
        "ended_at": alarm.cleared_at.isoformat() if alarm.cleared_at else None,
        "url": _address(alarm),
    }


def _address(alarm: Alarm) -> str:
    return settings.PUBLIC_BASE_URL + reverse("admin:notifications_alarm_change", args=[alarm.pk])
