"""Define the Celery tasks: three lines each, ids only. Losing any of these messages loses nothing."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from celery import shared_task

from notifications.agencies.agency_keys import watch_keys
from notifications.agencies.figures import count_run
from notifications.alarm_messages.send_alarms import send_alarms
from notifications.alarms import alarm_of_row
from notifications.delivery.deliver import deliver_bundles, deliver_due
from notifications.delivery.poll_gateways import poll_gateways
from notifications.intake.move_deadlines import move_deadlines
from notifications.intake.read_feed import FeedBusy, read_feed
from notifications.matching.declared_holidays import watch_calendar
from notifications.matching.match import match_batches, match_due, match_subscriptions
from notifications.models import QueueEntry
from notifications.models.queue_entry import MOST_WAITING
from notifications.operations.count_ended import count_deliveries, count_reach
from notifications.operations.free_waiting import free_waiting
from notifications.operations.mend_queue import mend_queue
from notifications.operations.send_codes import send_codes
from notifications.operations.strangers import watch_strangers
from notifications.operations.submit_templates import submit_templates
from notifications.operations.sweep import find_waiting, recover_leases, settle_blocks, settle_handed_over, watch_clock
from notifications.operations.watch_limits import watch_limits
from notifications.operations.watch_reach import watch_reach
from notifications.operations.watch_templates import watch_templates
from notifications.outages.autopilot import mind_channels
from notifications.receipts.receipts import apply_receipts
from notifications.trials.send_trials import work_on_trials
from notifications.yearly.work_on_yearly import work_on_yearly
from secretary.kernel import enqueue as enqueuing
from secretary.kernel.database.each import for_each_apart
from secretary.kernel.scheduled_runs import alone, first_of_run
from secretary.kernel.time import database_clock

# A deliverer runs this long and then enqueues its successor at the end of the queue, so that receipts, matching and
# urgent notices never wait longer than this behind a backlog, with any assignment of queues to workers.
WORK_SECONDS = 2
# A feed is read this long at a time. A large file is inspected as a whole first, and an agency may need a minute for a
# page; all of it ends before the broker passes the message to another worker (visibility_timeout).
READ_SECONDS, READ_SOFT_LIMIT, READ_LIMIT = 30, 240, 270
YEARLY_SECONDS, YEARLY_ALONE_SECONDS = 40, 300  # begins no batch after 40 s; a killed one holds up others for 5 minutes
DRY_SECONDS = 150  # of a dry run, which nothing continues
DELIVERERS = 2  # enqueued after a match; a deliverer without work ends at once


def _time_is_up(seconds: float = WORK_SECONDS) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _enqueue_deliverers() -> None:
    for _ in range(DELIVERERS):
        enqueuing.enqueue("deliver", most_waiting=MOST_WAITING)


@shared_task(name="notifications.match")
def match() -> None:
    """Match ingested batches and new subscriptions, then enqueue the deliverers."""
    while match_batches(now=database_clock.now()) + match_subscriptions(now=database_clock.now()):
        if QueueEntry.objects.filter(urgent=True, crashes=0, not_before__lte=database_clock.now()).exists():
            enqueuing.enqueue("deliver_urgent")
        _enqueue_deliverers()


@shared_task(name="notifications.match_due")
def match_due_today() -> None:
    """Match records with a date whose stage is today."""
    if first_of_run(name="match_due", seconds=60, now=database_clock.now()) and match_due(now=database_clock.now()):
        _enqueue_deliverers()


@shared_task(name="notifications.deliver")
def deliver() -> None:
    up = _time_is_up()
    if deliver_due(now=database_clock.now, until=up) and up():
        enqueuing.enqueue("deliver", most_waiting=MOST_WAITING)


@shared_task(name="notifications.deliver_urgent")
def deliver_urgent() -> None:
    up = _time_is_up()
    if deliver_due(now=database_clock.now, urgent_only=True, until=up) and up():
        enqueuing.enqueue("deliver_urgent")


@shared_task(name="notifications.deliver_bundles")
def deliver_bundled() -> None:
    """Send the bundled messages that are due: of people in calm mode."""
    up = _time_is_up()
    if deliver_bundles(now=database_clock.now, until=up) and up():
        enqueuing.enqueue("deliver_bundles")


@shared_task(name="notifications.receipts")
def receipts() -> None:
    """Apply stored receipts; notices that failed for good on one channel go to the next at once."""
    if apply_receipts(now=database_clock.now()).free:
        enqueuing.enqueue("deliver")


@shared_task(name="notifications.free_waiting")
def free_what_waits() -> None:
    """Release notices that waited for a channel or a template which is used again before the old end of its pause."""
    if free_waiting(now=database_clock.now()):
        enqueuing.enqueue("deliver_urgent")
        _enqueue_deliverers()


@shared_task(name="notifications.ask")
def poll() -> None:
    if poll_gateways(now=database_clock.now()):
        enqueuing.enqueue("deliver")


@shared_task(name="notifications.read_feed", soft_time_limit=READ_SOFT_LIMIT, time_limit=READ_LIMIT)
def read_one_feed(*, feed_id: int, dry_run: int = 0, replay: int = 0) -> None:
    """Read one feed, unless another worker is reading it."""
    up = _time_is_up(DRY_SECONDS if dry_run else READ_SECONDS)
    with suppress(FeedBusy):
        read_feed(feed_id=feed_id, now=database_clock.now(), dry_run=bool(dry_run), replay=bool(replay), until=up)
        if dry_run:  # it stores no cursor to continue from
            return
        if up():
            enqueuing.enqueue("read_feed", feed_id=feed_id)


@shared_task(name="notifications.submit_templates")
def submit_all_templates() -> None:
    submit_templates(now=database_clock.now())


@shared_task(name="notifications.move_deadlines")
def move_all_deadlines() -> None:
    move_deadlines(now=database_clock.now())


@shared_task(name="notifications.sweep")
def sweep() -> None:
    """Enqueue the tasks whose messages may have been lost."""
    now = database_clock.now()
    watch_clock(ahead=database_clock.ahead(), machine=socket.gethostname(), now=now)
    alarm = alarm_of_row(loop="sweep", now=now)
    steps = (settle_handed_over, recover_leases, settle_blocks, mind_channels, _enqueue_what_waits)
    for_each_apart(steps, lambda step: step(now=now), what="sweep", on_failure=alarm)


def _enqueue_what_waits(*, now: datetime) -> None:
    waiting = find_waiting(now=now)
    due = [
        *(("read_feed", {"feed_id": feed_id}) for feed_id in waiting.feeds),
        *((name, {}) for name, is_due in (
            ("match", waiting.match),
            ("receipts", waiting.receipts),
            ("deliver_urgent", waiting.urgent),
            ("deliver", waiting.notices),
            ("deliver_bundles", waiting.bundles),
            ("ask", waiting.poll),
            ("free_waiting", waiting.resumed),
            ("send_codes", waiting.codes),
            ("trials", waiting.trials),
        ) if is_due),
    ]  # fmt: skip
    alarm = alarm_of_row(loop="tasks to enqueue", now=now)
    for_each_apart(
        due,
        lambda task: enqueuing.enqueue(task[0], **task[1]),
        what="sweep",
        on_failure=lambda task, why: alarm(task[0], why),
    )


@shared_task(name="notifications.send_codes")
def send_codes_that_wait() -> None:
    """Send sign-in codes: a person looks at the page that asks for theirs."""
    send_codes(now=database_clock.now())


@shared_task(name="notifications.trials")
def send_test_messages() -> None:
    """Hand over test messages: a person looks at the page that says what came of theirs."""
    work_on_trials(now=database_clock.now)


@shared_task(name="notifications.yearly_messages")
def send_yearly_messages() -> None:
    """Send what one minute may send of the yearly message, one worker at a time."""
    up = _time_is_up(YEARLY_SECONDS)
    with alone(name="yearly_messages", most_seconds=YEARLY_ALONE_SECONDS) as is_alone:
        if is_alone:
            work_on_yearly(now=database_clock.now, until=up)


@shared_task(name="notifications.watch_strangers")
def watch_feeds_of_strangers() -> None:
    """Check feeds for records of strangers, once an hour for any number of calls."""
    now = database_clock.now()
    if first_of_run(name="watch_strangers", seconds=3600, now=now):
        watch_strangers(now=now)


@shared_task(name="notifications.mend_line")
def mend_the_queue() -> None:
    """Restore lost queue entries of waiting notices."""
    mend_queue(now=database_clock.now())
    enqueuing.enqueue("free_waiting")  # in case the message after an approval was lost


@shared_task(name="notifications.watch_reach")
def watch_whom_nothing_reaches() -> None:
    """Make undelivered notices again for people who are reached again; count the others. Look at the limits that
    all citizens share."""
    now = database_clock.now()
    watch_limits(now=now)
    watch_reach(now=now)


@shared_task(name="notifications.count_deliveries")
def count_what_was_delivered() -> None:
    """Add what has ended since to the counts which the dashboard and the report on reach read."""
    count_deliveries()
    count_reach()


@shared_task(name="notifications.count_batch")
def count_large_batch(*, run_id: int) -> None:
    """Count what became of a batch that is too large for a page to count by itself."""
    count_run(run_id=run_id, now=database_clock.now())


@shared_task(name="notifications.watch_calendar")
def watch_the_calendar() -> None:
    """Move deadlines whose message was lost; raise alarms for a calendar that no administrator has compared with the
    decree, for live versions that lack a stage, and for agencies' keys that end in use."""
    now = database_clock.now()
    move_deadlines(now=now)
    watch_calendar(now=now)
    watch_templates(now=now)
    watch_keys(now=now)


@shared_task(name="notifications.send_alarms")
def send_all_alarms() -> None:
    """Inform the recipients of alarms of what they have not heard of yet."""
    send_alarms(now=database_clock.now())
