"""Send each recipient what they have not heard of yet; what is not accepted is sent again a minute later.

An alarm is sent when it is raised, again while it stays open (ALARM_REPEAT_HOURS), and when it has ended. What was
sent is written after the hand-over: a worker that dies in between repeats a message, under the same id, and none is
lost.
"""

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from notifications.alarm_messages.compose import News, compose, compose_test
from notifications.alarm_messages.recipients import NotSent, Recipient, hand_over, recipients
from notifications.alarms import clear_by_itself, raise_alarm
from notifications.models import Alarm, AlarmMessage
from secretary.kernel.scheduled_runs import alone

logger = logging.getLogger(__name__)
AT_ONCE = 50  # alarms of a kind of news in one message; the next minute sends more
UNSENT = "alarm_unsent"
WORK_SECONDS = 30  # then the rest waits for the next minute: a silent server costs some 13 seconds
MOST_SECONDS = 90  # longer than the time limit of a task: then its sender was killed
PATIENCE = timedelta(minutes=5)  # a recipient that accepts nothing for so long is an alarm for the others


def send_alarms(*, now: datetime) -> int:
    """Send what is new to all recipients; return how many messages were accepted. Another sender at work: 0."""
    with alone(name="send_alarms", most_seconds=MOST_SECONDS) as only_one:
        if not only_one:
            return 0
        sent, mute, untried = 0, [], []
        give_up_at = time.monotonic() + WORK_SECONDS
        for recipient in _in_turn(now):
            if time.monotonic() > give_up_at:
                untried.append(_subject(recipient))
                continue
            news = _news(recipient, now)
            if news and _send(recipient, news, now):
                sent += 1
            elif any(alarm.raised_at <= now - PATIENCE for alarm in (*news.raised, *news.still)):
                mute.append(_subject(recipient))
        for subject in mute:
            raise_alarm(kind=UNSENT, subject=subject, message="its server accepts no alarms; see the log", now=now)
        clear_by_itself(kind=UNSENT, but=[*mute, *untried], now=now)
    return sent


def send_test(*, now: datetime) -> list[tuple[Recipient, str]]:
    """Send a test to every recipient; return each with what went wrong, "" where it was accepted."""
    results = []
    for recipient in recipients():
        try:
            hand_over(recipient, compose_test(recipient, times=now.isoformat()), now=now)
        except NotSent as error:
            results.append((recipient, str(error)))
        else:
            results.append((recipient, ""))
    return results


def _in_turn(now: datetime) -> list[Recipient]:
    """Return the recipients, each minute another one first: silent servers keep none of the others waiting for long."""
    found = recipients()
    first = int(now.timestamp() // 60) % len(found) if found else 0
    return found[first:] + found[:first]


def _news(recipient: Recipient, now: datetime) -> News:
    """Return what the recipient has not heard of yet. A failure of their own server is no news for them."""
    heard = AlarmMessage.objects.filter(recipient=recipient.code)
    alarms = Alarm.objects.exclude(kind=UNSENT, subject=_subject(recipient))
    still_open = alarms.filter(cleared_at=None).order_by("raised_at")
    before = now - timedelta(hours=settings.ALARM_REPEAT_HOURS)
    ended = heard.filter(ended_at=None, alarm__cleared_at__isnull=False)
    return News(
        raised=list(still_open.exclude(pk__in=heard.values("alarm"))[:AT_ONCE]),
        still=list(still_open.filter(pk__in=heard.filter(sent_at__lte=before).values("alarm"))[:AT_ONCE]),
        ended=list(Alarm.objects.filter(pk__in=ended.values("alarm")).order_by("cleared_at")[:AT_ONCE]),
    )


def _send(recipient: Recipient, news: News, now: datetime) -> bool:
    try:
        hand_over(recipient, compose(news, recipient, times=f"{now:%Y-%m-%d}"), now=now)
    except NotSent as error:
        logger.warning("alarms were not accepted by recipient %d (%s): %s", recipient.position, recipient.way, error)
        return False
    with transaction.atomic():
        for alarm in (*news.raised, *news.still):
            AlarmMessage.objects.update_or_create(alarm=alarm, recipient=recipient.code, defaults={"sent_at": now})
        AlarmMessage.objects.filter(recipient=recipient.code, alarm__in=news.ended).update(ended_at=now)
    return True


def _subject(recipient: Recipient) -> str:
    return f"recipient {recipient.position}"
