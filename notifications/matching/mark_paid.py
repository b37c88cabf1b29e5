"""Apply to a record that its debt was paid, refunded or objected to in this service.

Each joins the caller's transaction, so that reminders stop (or continue) together with the reason for it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from notifications.alarms import raise_alarm
from notifications.matching.match import match_record
from notifications.matching.triggers import OVER_ONCE_PAID
from notifications.models import Notice, Record
from notifications.models.record import about
from notifications.states import CANCELLED, READY
from secretary.kernel.secrets.encryption import cipher

# Closes no notices about a paid record. A claim that has begun comes first: at most its notices are still sent.
STOP = f"""
UPDATE notifications_notice n SET state = '{CANCELLED}', reason = 'settled', finished_at = %(now)s
FROM subscriptions_stage st
WHERE n.record_id = %(record)s AND n.state = '{READY}' AND st.id = n.stage_id
  AND {OVER_ONCE_PAID}
"""  # noqa: S608  (constants)


def mark_record_paid(
    *,
    record_id: int,
    now: datetime,
    announce: bool = True,
    known: Mapping[str, Any] | None = None,
    citizen_id: UUID | None = None,
) -> None:
    """Mark the record as paid here: its reminders are off, and the `paid` stage is matched.

    `known`: fields of the record that the payment sets before the agency does, for the notice.
    `citizen_id`: the payer. Where the record is about another person by now, the debt is paid all the same; amount and
    receipt are sent to the payer only, and an alarm lets an operator check whether the payer is due a refund.
    """
    if citizen_id is not None and not _is_about(record_id, citizen_id):
        known, announce = None, False
        message = "A payment settled a record that is now about another person; check whether the payer is due a refund"
        raise_alarm(kind="moved_after_payment", subject="records", message=message, now=now)
    if known:
        _note_in_record(record_id, known)
    Record.objects.filter(pk=record_id).update(paid_here_at=now, objected_at=None)
    marked = Record.objects.filter(pk=record_id, state=Record.OPEN).update(state=Record.PAID, **Record.begins())
    with connection.cursor() as cursor:
        cursor.execute(STOP, {"record": record_id, "now": now})
    if marked and announce:
        match_record(record_id=record_id, now=now, unnotified=True)  # the payer gets the receipt


def _is_about(record_id: int, citizen_id: UUID) -> bool:
    """Lock the record: the intake cannot change its person before this transaction is over."""
    return Record.objects.select_for_update().filter(about(citizen_id), pk=record_id).exists()


def _note_in_record(record_id: int, known: Mapping[str, Any]) -> None:
    record = Record.objects.select_related("agency").get(pk=record_id)
    bound_to = Record.notified_bound_to(record.agency.code, record.external_id)
    sealed = cipher().encrypt(orjson.dumps(dict(known)), bound_to=bound_to)
    Record.objects.filter(pk=record_id).update(told_encrypted=sealed)


def hear_from_agency(*, record_id: int, state: str, now: datetime) -> None:
    """Apply the agency's answer, paid or withdrawn, before its feed does. The agency's next version overwrites it."""
    if Record.objects.filter(pk=record_id, state=Record.OPEN).update(state=state, **Record.begins()):
        with connection.cursor() as cursor:
            cursor.execute(STOP, {"record": record_id, "now": now})
        match_record(record_id=record_id, now=now)


def mark_record_unpaid(*, record_id: int) -> None:
    """Undo the payment after a refund: from now on the agency's own state counts again."""
    Record.objects.filter(pk=record_id).update(paid_here_at=None, told_encrypted=None)


def pause_reminders(*, record_id: int, now: datetime) -> None:
    """Pause the reminders: notices after a deadline wait (claim.py), until it is too late or the pause ends. Reminders
    of a deadline go on, as a pause files nothing."""
    Record.objects.filter(pk=record_id, objected_at=None).update(objected_at=now)


def resume_reminders(*, record_id: int, now: datetime) -> None:
    """End the pause: release the notices that waited for it at once."""
    if Record.objects.filter(pk=record_id, objected_at__isnull=False).update(objected_at=None):
        waiting = Notice.objects.filter(record=record_id, state=READY, reason="objection")
        waiting.update(not_before=now, reason="")
