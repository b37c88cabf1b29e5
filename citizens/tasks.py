"""Define the Celery tasks: three lines each, ids only. Losing any of these messages loses nothing."""

from celery import shared_task

from citizens.office_calls.inform_families import note_due
from citizens.own_data import erase_person, export
from citizens.own_data.promises import keep_promises
from notifications.family.send_family_texts import send_family_texts
from secretary.kernel.enqueue import enqueue
from secretary.kernel.scheduled_runs import first_of_run
from secretary.kernel.time import database_clock

# Longer than the default: thousands of notices. All of it ends before the broker hands the message out again.
SOFT_LIMIT, LIMIT = 240, 270


@shared_task(name=export.TASK, soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def make_export(*, export_id: int) -> None:
    export.make_export_safely(export_id=export_id, now=database_clock.now())


@shared_task(name=erase_person.TASK, soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def erase(*, erasure_id: int) -> None:
    erase_person.erase_person_safely(erasure_id=erasure_id, now=database_clock.now())


@shared_task(name="citizens.keep_promises", soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def do_what_was_promised() -> None:
    """Once an hour, however often it is called; a missed hour is made up by the next run."""
    now = database_clock.now()
    if first_of_run(name="keep_promises", seconds=3600, now=now):
        keep_promises(now=now)


@shared_task(name="citizens.inform_families")
def inform_families() -> None:
    """Send messages to family members; look for seniors who were not reached every ten minutes."""
    now = database_clock.now()
    if first_of_run(name="inform_families", seconds=600, now=now):
        note_due(now=now)
    send_family_texts(now=now)


@shared_task(name="citizens.sweep")
def sweep() -> None:
    """Enqueue again what a lost message or a killed worker left behind."""
    for export_id in export.waiting_exports():
        enqueue(export.TASK, export_id=export_id)
    for erasure_id in erase_person.waiting_erasures():
        enqueue(erase_person.TASK, erasure_id=erasure_id)
