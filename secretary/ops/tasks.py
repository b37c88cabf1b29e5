"""Celery's side of what belongs to no part."""

import logging

from celery import shared_task

from notifications.ticks import first_of_tick
from secretary.common import clock
from secretary.common.retention import remove_old
from secretary.ops.retention import KEPT

logger = logging.getLogger(__name__)
EVERY_SECONDS, WORK_SECONDS = 3600, 30.0


@shared_task(name="ops.housekeeping")
def housekeeping() -> None:
    """Remove what has served its time, for half a minute an hour; what is left is for the next hour."""
    now = clock.now()
    if not first_of_tick(name="housekeeping", seconds=EVERY_SECONDS, now=now):
        return
    for what, removed in remove_old(KEPT, now=now, seconds=WORK_SECONDS).items():
        if removed.rows:
            logger.info("removed %d of %s%s", removed.rows, what, "" if removed.complete else "; more next time")
