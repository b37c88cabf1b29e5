"""Send sign-in codes by text message. They are no notices: no consent, no hours, no second channel, no second try.

What a provider of text messages refuses for certain goes to the next one at once.
"""

import logging
from datetime import datetime

from notifications.channels.contract import Message, Verdict
from notifications.channels.registry import MissingSetting
from notifications.delivery.providers import send_apart
from subscriptions.sign_in.phone_codes import take_waiting

logger = logging.getLogger(__name__)
SENT = (Verdict.ACCEPTED, Verdict.DELIVERED, Verdict.UNKNOWN)


def send_codes(*, now: datetime) -> int:
    """Send the codes that wait; return how many went out. One that a gateway refuses is not tried again: its person
    asks for another one, or takes the identity check."""
    waiting = take_waiting(now=now)
    if not waiting:
        return 0
    messages = [Message(each.reference, each.phone, "", "", each.text, {}) for each in waiting]
    try:
        handed = send_apart("sms", messages, batch_key=waiting[0].reference)
    except MissingSetting as missing:
        logger.error("no sign-in code can be sent: %s is not set", missing)
        return 0
    refused = [each.outcome.code for each in handed.values() if each.outcome.verdict not in SENT]
    if refused:
        logger.warning("%d of %d sign-in codes were refused: %s", len(refused), len(waiting), sorted(set(refused)))
    return len(waiting) - len(refused)
