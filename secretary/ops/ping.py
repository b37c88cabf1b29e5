"""Call a monitor outside each minute: it notices when the calls stop, which no alarm of a dead installation can say.

The call takes the way of all work: beat, the broker, a worker.
"""

import logging
from typing import Any

import requests
from django.conf import settings
from django.core.checks import CheckMessage, Warning

from secretary.kernel.http.outbound import OutboundRefused, session

logger = logging.getLogger(__name__)


def ping() -> bool:
    """Return whether the monitor was called and accepted it. Its failure is nothing to us: it will miss the call."""
    if not settings.BEAT_PING_URL:
        return False
    try:
        with session(allow_private=True) as calls:
            calls.get(settings.BEAT_PING_URL).raise_for_status()
    except (requests.RequestException, OutboundRefused) as error:
        logger.warning("the monitor was not reached (BEAT_PING_URL): %s", type(error).__name__)
        return False
    return True


def check_who_hears(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """`check --deploy`: alarms that no person hears of, and an installation whose death nothing notices."""
    found: list[CheckMessage] = []
    if not settings.ALARM_RECIPIENTS:
        remedy = "Set it to mail addresses or webhooks; see .env.example."
        found.append(Warning("ALARM_RECIPIENTS is not set: alarms reach no person.", hint=remedy, id="secretary.W042"))
    if not settings.BEAT_PING_URL:
        remedy = "Set it to the address of a monitor on another machine; see .env.example."
        what = "BEAT_PING_URL is not set: nothing notices when beat or the workers have stopped."
        found.append(Warning(what, hint=remedy, id="secretary.W043"))
    return found
