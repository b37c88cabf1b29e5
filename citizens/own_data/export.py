"""EXPORT: ask for a copy of one's own data, and make it in the background.

The row is the work: a lost message or a killed worker loses nothing, since the sweep enqueues what is due. A worker
takes it by moving `try_at` on, so that two do not make it at once.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from citizens.models import DataExport
from citizens.own_data.copy_file import copy_file
from citizens.own_data.parts import LEFT_OUT, PARTS
from notifications.alarms import raise_alarm
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.database.each import ends_everything, place_of
from secretary.kernel.database.retry import retried
from secretary.kernel.enqueue import enqueue
from subscriptions.enrolment.people import lock_person
from subscriptions.models import Citizen

logger = logging.getLogger(__name__)
TASK = "citizens.export"
LEASE_SECONDS = 300  # longer than the task's limit
MOST_TRIES = 5
CLAIM = """
UPDATE citizens_dataexport SET tries = tries + 1, try_at = clock_timestamp() + make_interval(secs => %s)
WHERE id = %s AND state = 'waiting' AND try_at <= clock_timestamp() RETURNING tries
"""


class TooOften(Exception):
    """As many copies as one may have in a day were made. `again_at`: when the next is possible."""

    def __init__(self, again_at: datetime) -> None:
        super().__init__("too often")
        self.again_at = again_at


@retried
@transaction.atomic
def ask_export(*, citizen: Citizen, now: datetime) -> DataExport:
    """Return the copy that is being made, or begin another one. Raises TooOften, Busy."""
    lock_person(citizen.id)
    mine = DataExport.objects.filter(citizen=citizen).defer("content_encrypted")
    waiting = mine.filter(state=DataExport.WAITING).first()
    if waiting is not None:
        return waiting
    day = timedelta(days=1)
    recent = list(mine.filter(asked_at__gt=now - day).order_by("asked_at").values_list("asked_at", flat=True))
    if len(recent) >= settings.OWN_DATA_EXPORTS_PER_DAY:
        raise TooOften(recent[-settings.OWN_DATA_EXPORTS_PER_DAY] + day)
    expires_at = now + timedelta(hours=settings.OWN_DATA_EXPORT_HOURS)
    made = DataExport.objects.create(citizen=citizen, asked_at=now, expires_at=expires_at, total=len(PARTS))
    record_audit(now=now, actor="citizen", action="data.copy_asked", citizen_id=citizen.id, object=f"export:{made.pk}")
    transaction.on_commit(lambda: enqueue(TASK, export_id=made.pk))
    return made


def make_export(*, export_id: int, now: datetime) -> bool:
    """Make the copy, unless another worker is at it; return whether this call made it."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [LEASE_SECONDS, export_id])
        claimed = cursor.fetchone()
    if claimed is None:
        return False
    row = DataExport.objects.filter(pk=export_id)
    if claimed[0] > MOST_TRIES:
        _give_up(export_id, now)
        return False
    export = row.get()

    def show(done: int) -> None:
        row.update(done=done)

    export.content = copy_file(export.citizen_id, PARTS, left_out=LEFT_OUT, now=now, step=show)
    expires_at = now + timedelta(hours=settings.OWN_DATA_EXPORT_HOURS)
    return bool(
        row.filter(state=DataExport.WAITING, citizen__state=Citizen.ACTIVE).update(
            state=DataExport.READY, made_at=now, expires_at=expires_at, content_encrypted=export.content_encrypted
        )
    )


def make_export_safely(*, export_id: int, now: datetime) -> None:
    """As `make_export`; a failure is tried again by the sweep after the lease, and in the end told to the person."""
    try:
        make_export(export_id=export_id, now=now)
    except Exception as error:
        if ends_everything(error):
            raise
        logger.error("copy %s was not made: %s at %s", export_id, type(error).__name__, place_of(error))


def waiting_exports() -> list[int]:
    """Return those that no worker holds. One statement that touches a partial index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM citizens_dataexport WHERE state = 'waiting' AND try_at <= clock_timestamp() LIMIT 100"
        )
        return [pk for (pk,) in cursor.fetchall()]


def _give_up(export_id: int, now: datetime) -> None:
    DataExport.objects.filter(pk=export_id, state=DataExport.WAITING).update(state=DataExport.FAILED, made_at=now)
    message = f"a person's copy of their data could not be made in {MOST_TRIES} attempts"
    raise_alarm(kind="data_export_failed", subject=f"export:{export_id}", message=message, now=now)
