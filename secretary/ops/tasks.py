"""Celery's side of the audit trail. Losing any of these messages loses nothing: the next tick does it."""

from celery import shared_task

from notifications.alarms import raise_alarm
from notifications.ticks import first_of_tick
from secretary.common import clock
from secretary.common.audit_links import link_audit, unsealed_too_long
from secretary.ops.audit_head import NotExported, export_head


@shared_task(name="secretary.link_audit")
def link_audit_trail() -> None:
    """Seal the lines that were written since; a line that waits too long is something a person must look at."""
    link_audit()
    if lines := unsealed_too_long():
        raise_alarm(
            kind="audit_unsealed",
            subject="audit trail",
            message=f"{lines} lines of the audit trail wait for their seal too long, or vanished before they had one",
            now=clock.now(),
        )


@shared_task(name="secretary.export_audit_head")
def export_audit_head() -> None:
    """Once an hour, whoever asks; a missed hour is made up by the next tick."""
    if not first_of_tick(name="audit_head", seconds=3600, now=clock.now()):
        return
    try:
        export_head()
    except NotExported as error:
        raise_alarm(kind="audit_head", subject="audit trail", message=str(error), now=clock.now())
