"""Hand wordings in where a vendor must approve them before they may be sent.

NHN has an API for it. For vendors without one the wordings go to TEMPLATE_CONSOLE_URL where that is set (a stand-in
for an operator at the vendor's console); elsewhere an operator types the vendor's code into the wording.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

import requests
from django.conf import settings

from notifications.alarms import raise_alarm
from notifications.gateways import channel_facts
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
    submitted = 0
    while wordings := list(waiting[:AT_ONCE]):
        if not _submit(wordings, now):
            break
        for wording in wordings:
            wording.vendor_template = template_code(wording)
        Wording.objects.bulk_update(wordings, ["vendor_template"])
        submitted += len(wordings)
    return submitted


def _submit(wordings: Sequence[Wording], now: datetime) -> bool:
    templates = [
        {
            "channel": wording.channel,
            "code": template_code(wording),
            "name": str(wording),
            "title": compile_wording(wording.title).vendor_text,
            "body": compile_wording(wording.body).vendor_text,
        }
        for wording in wordings
    ]
    try:
        timeouts = (settings.HTTP_CONNECT_SECONDS, settings.HTTP_TOTAL_SECONDS)
        answer = requests.put(settings.TEMPLATE_CONSOLE_URL, json=templates, timeout=timeouts, allow_redirects=False)
        answer.raise_for_status()
    except requests.RequestException as error:
        logger.error("templates could not be handed in: %s", type(error).__name__)
        raise_alarm(kind="templates", subject="console", message="Templates could not be handed in", now=now)
        return False
    return True
