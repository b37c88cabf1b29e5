"""Celery's side: three lines each, ids only. Losing any of these messages loses nothing."""

import time
from collections.abc import Callable
from contextlib import suppress

from celery import shared_task

from notifications import wake as waking
from notifications.ask import ask_gateways
from notifications.declared_holidays import watch_calendar
from notifications.deliver import deliver_due
from notifications.match import match_batches, match_due, match_subscriptions
from notifications.move_deadlines import move_deadlines
from notifications.read_feed import FeedBusy, read_feed
from notifications.receipts import apply_receipts
from notifications.submit_templates import submit_templates
from notifications.sweep import find_waiting, recover_leases
from notifications.ticks import first_of_tick, forget_old_ticks
from secretary.common import clock
from subscriptions.attempts import forget_old_attempts

# A deliverer works so long and then wakes its successor at the end of the queue, so that receipts, matching and urgent
# notices never wait longer than this behind a backlog, whatever queues a worker serves.
WORK_SECONDS = 2
# A feed is read for so long at a time. A large file is looked at as a whole first, and an agency may take a minute for
# a page; all of it ends before the broker hands the message to somebody else (visibility_timeout).
READ_SECONDS, READ_SOFT_LIMIT, READ_LIMIT = 30, 240, 270
DELIVERERS = 2  # woken after a match; who finds nothing to do ends at once


def _time_is_up(seconds: float = WORK_SECONDS) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _wake_deliverers() -> None:
    for _ in range(DELIVERERS):
        waking.wake("deliver")


@shared_task(name="notifications.match")
def match() -> None:
    """Match what was ingested or subscribed to, then wake the deliverers."""
    while match_batches(now=clock.now()) + match_subscriptions(now=clock.now()):
        waking.wake("deliver_urgent")
        _wake_deliverers()


@shared_task(name="notifications.match_due")
def match_due_today() -> None:
    """Match records whose date meets a stage today."""
    if first_of_tick(name="match_due", seconds=60, now=clock.now()) and match_due(now=clock.now()):
        _wake_deliverers()


@shared_task(name="notifications.deliver")
def deliver() -> None:
    up = _time_is_up()
    if deliver_due(now=clock.now, until=up) and up():
        waking.wake("deliver")


@shared_task(name="notifications.deliver_urgent")
def deliver_urgent() -> None:
    up = _time_is_up()
    if deliver_due(now=clock.now, urgent_only=True, until=up) and up():
        waking.wake("deliver_urgent")


@shared_task(name="notifications.receipts")
def receipts() -> None:
    """Apply stored receipts; what failed for good on one channel goes to the next at once."""
    if apply_receipts(now=clock.now()).free:
        waking.wake("deliver")


@shared_task(name="notifications.ask")
def ask() -> None:
    if ask_gateways(now=clock.now()):
        waking.wake("deliver")


@shared_task(name="notifications.read_feed", soft_time_limit=READ_SOFT_LIMIT, time_limit=READ_LIMIT)
def read_one_feed(*, feed_id: int, dry_run: int = 0) -> None:
    """A feed that somebody else is reading at this moment is read by them."""
    up = _time_is_up(READ_SECONDS)
    with suppress(FeedBusy):
        if dry_run:  # keeps no place to go on from
            read_feed(feed_id=feed_id, now=clock.now(), dry_run=True)
            return
        read_feed(feed_id=feed_id, now=clock.now(), until=up)
        if up():
            waking.wake("read_feed", feed_id=feed_id)


@shared_task(name="notifications.submit_templates")
def submit_all_templates() -> None:
    submit_templates(now=clock.now())


@shared_task(name="notifications.move_deadlines")
def move_all_deadlines() -> None:
    move_deadlines(now=clock.now())


@shared_task(name="notifications.sweep")
def sweep() -> None:
    """Restore whatever a queue can lose."""
    recover_leases(now=clock.now())
    waiting = find_waiting(now=clock.now())
    for feed_id in waiting.feeds:
        waking.wake("read_feed", feed_id=feed_id)
    for name, due in (
        ("match", waiting.match),
        ("receipts", waiting.receipts),
        ("deliver_urgent", waiting.urgent),
        ("deliver", waiting.notices),
        ("ask", waiting.ask),
    ):
        if due:
            waking.wake(name)


@shared_task(name="notifications.housekeeping")
def housekeeping() -> None:
    """Remove what has served its time."""
    forget_old_attempts(now=clock.now())
    forget_old_ticks(now=clock.now())
    move_deadlines(now=clock.now())  # what a lost wake-up has left
    watch_calendar(now=clock.now())
