"""Define the Celery tasks of what belongs to no app. Losing a message loses nothing: the next run does it."""

import logging

from celery import shared_task

from notifications.alarms import raise_alarm
from notifications.models.declared_holiday import use_declared_holidays
from secretary.kernel.audit.audit_links import link_audit, unsealed_too_long
from secretary.kernel.audit.end_audit import end_audit
from secretary.kernel.audit.report_looks import report_looks
from secretary.kernel.retention import remove_old
from secretary.kernel.scheduled_runs import first_of_run
from secretary.kernel.time import database_clock
from secretary.ops.audit_head import NotExported, export_head
from secretary.ops.ping import ping
from secretary.ops.retention import KEPT, TERMS

logger = logging.getLogger(__name__)
EVERY_SECONDS, WORK_SECONDS = 3600, 30.0


@shared_task(name="secretary.link_audit")
def link_audit_trail() -> None:
    """Seal the lines that were written since; raise an alarm for a line that waits too long."""
    link_audit()
    if lines := unsealed_too_long():
        raise_alarm(
            kind="audit_unsealed",
            subject="audit trail",
            message=f"{lines} lines of the audit trail are overdue for sealing, or were removed before sealing",
            now=database_clock.now(),
        )


@shared_task(name="secretary.export_audit_head")
def export_audit_head() -> None:
    """Once an hour, however often it is called; a missed hour is made up by the next run."""
    if not first_of_run(name="audit_head", seconds=3600, now=database_clock.now()):
        return
    try:
        export_head()
    except NotExported as error:
        raise_alarm(kind="audit_head", subject="audit trail", message=str(error), now=database_clock.now())


@shared_task(name="ops.housekeeping")
def housekeeping() -> None:
    """Remove rows whose retention period is over, for half a minute an hour; the rest is left for the next hour."""
    now = database_clock.now()
    if not first_of_run(name="housekeeping", seconds=EVERY_SECONDS, now=now):
        return
    for what, removed in remove_old(KEPT, now=now, seconds=WORK_SECONDS).items():
        if removed.rows:
            logger.info("removed %d of %s%s", removed.rows, what, "" if removed.complete else "; more next time")


@shared_task(name="secretary.end_audit")
def end_lines_of_the_trail() -> None:
    """Remove lines of the audit trail whose time is over, for half a minute an hour."""
    now = database_clock.now()
    if not first_of_run(name="end_audit", seconds=EVERY_SECONDS, now=now):
        return
    if lines := end_audit(TERMS, now=now, seconds=WORK_SECONDS):
        logger.info("removed %d lines of the audit trail; their seals stay", lines)


@shared_task(name="secretary.report_looks")
def report_who_looked_at_whom() -> None:
    """On the first of a month, from one o'clock in Korea on: the report of the last. A missed one is made up."""
    now = database_clock.now()
    if first_of_run(name="report_looks", seconds=EVERY_SECONDS, now=now):
        use_declared_holidays()
        report_looks(now=now)


@shared_task(name="secretary.ping")
def call_the_monitor() -> None:
    ping()
