"""Hand wordings in where a vendor must approve them before they may be sent.

NHN has an API for it. For vendors without one the wordings go to TEMPLATE_CONSOLE_URL where that is set (a stand-in
for an operator at the vendor's console); elsewhere an operator types the vendor's code into the wording.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

import requests
from django.conf import settings

from notifications.alarms import alarm_of_row, raise_alarm
from notifications.gateways import channel_facts
from secretary.common.each import for_each_apart
from subscriptions.models import DataTypeVersion, Wording
from subscriptions.wording import compile_wording

logger = logging.getLogger(__name__)
AT_ONCE = 500


def template_code(wording: Wording) -> str:
    """The code under which a wording is handed in; short, because NHN takes 20 characters at most."""
    return f"{settings.REFERENCE_PREFIX}-w{wording.pk}"


def submit_templates(*, now: datetime) -> int:
    """Register live wordings that have no vendor's code yet; how many. Safe to repeat."""
    if not settings.TEMPLATE_CONSOLE_URL:
        return 0
    codes, _, templated = channel_facts()
    channels = [code for code, needed in zip(codes, templated, strict=True) if needed]
    waiting = Wording.objects.filter(
        channel__in=channels, vendor_template="", stage__version__state=DataTypeVersion.LIVE
    ).select_related("stage__version__data_type")
    submitted = after = 0
    while wordings := list(waiting.filter(pk__gt=after).order_by("pk")[:AT_ONCE]):
        after = wordings[-1].pk
        templates = _templates(wordings, now)
        if templates and not _submit(list(templates.values()), now):
            break
        handed_in = [wording for wording in wordings if wording.pk in templates]
        for wording in handed_in:
            wording.vendor_template = template_code(wording)
        Wording.objects.bulk_update(handed_in, ["vendor_template"])
        submitted += len(handed_in)
    return submitted


def _templates(wordings: Sequence[Wording], now: datetime) -> dict[int, dict[str, str]]:
    """By wording. One that cannot be written as a template is left for the next time, and keeps no other back."""
    found: dict[int, dict[str, str]] = {}

    def write(wording: Wording) -> None:
        found[wording.pk] = {
            "channel": wording.channel,
            "code": template_code(wording),
            "name": str(wording),
            "title": compile_wording(wording.title).vendor_text,
            "body": compile_wording(wording.body).vendor_text,
        }

    alarm = alarm_of_row(loop="templates", now=now)
    for_each_apart(wordings, write, what="submit_templates", on_failure=alarm)
    return found


def _submit(templates: Sequence[dict[str, str]], now: datetime) -> bool:
    try:
        timeouts = (settings.HTTP_CONNECT_SECONDS, settings.HTTP_TOTAL_SECONDS)
        answer = requests.put(settings.TEMPLATE_CONSOLE_URL, json=templates, timeout=timeouts, allow_redirects=False)
        answer.raise_for_status()
    except requests.RequestException as error:
        logger.error("templates could not be handed in: %s", type(error).__name__)
        raise_alarm(kind="templates", subject="console", message="Templates could not be handed in", now=now)
        return False
    return True
