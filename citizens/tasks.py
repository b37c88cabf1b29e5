"""Define the Celery tasks: three lines each, ids only. Losing any of these messages loses nothing."""

from celery import shared_task

from citizens.own_data.export import TASK, make_export_safely, waiting_exports
from secretary.kernel.enqueue import enqueue
from secretary.kernel.time import database_clock

# Longer than the default: a copy of thousands of notices. All of it ends before the broker hands the message out again.
SOFT_LIMIT, LIMIT = 240, 270


@shared_task(name=TASK, soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def export(*, export_id: int) -> None:
    make_export_safely(export_id=export_id, now=database_clock.now())


@shared_task(name="citizens.sweep")
def sweep() -> None:
    """Enqueue again what a lost message or a killed worker left behind."""
    for export_id in waiting_exports():
        enqueue(TASK, export_id=export_id)
