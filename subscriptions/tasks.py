"""Define the Celery tasks: three lines each, ids only. Losing any of these messages loses nothing."""

from celery import shared_task

from secretary.kernel.enqueue import enqueue
from secretary.kernel.scheduled_runs import first_of_run
from secretary.kernel.time import database_clock
from subscriptions.data_types.schedule import publish_due
from subscriptions.registration.bulk import uploads
from subscriptions.registration.bulk.check_list import check_list_safely
from subscriptions.registration.bulk.write_list import write_list_safely

# Longer than the default: 50,000 rows on a slow machine. All of it ends before the broker hands the message out again.
SOFT_LIMIT, LIMIT = 240, 270


@shared_task(name=uploads.CHECK_TASK, soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def check_list(*, upload_id: int) -> None:
    check_list_safely(upload_id=upload_id, now=database_clock.now())


@shared_task(name=uploads.WRITE_TASK, soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def write_list(*, upload_id: int) -> None:
    write_list_safely(upload_id=upload_id, now=database_clock.now())


@shared_task(name="subscriptions.sweep")
def sweep() -> None:
    """Enqueue again what a lost message or a killed worker left behind; once an hour remove what is over; publish the
    versions whose time has come."""
    for task, upload_id in uploads.waiting_steps():
        enqueue(task, upload_id=upload_id)
    now = database_clock.now()
    if first_of_run(name="expired_lists", seconds=3600, now=now):
        uploads.empty_expired(now=now)
    publish_due(now=now)
