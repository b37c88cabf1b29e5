"""Compose once more what a delivery said, for the page of the person who got it.

No text of a notice is stored. It is composed again from the template and the day of its delivery, by the functions that
composed it then; so it is shown only where nothing that went into it has changed, and is the same byte for byte.
"""

import logging
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from notifications.delivery.bundle import text_as_carried
from notifications.delivery.claim import Claimed
from notifications.delivery.compose import approved, compose_text
from notifications.delivery.fit import Filled, Unfit
from notifications.intake.move_deadlines import LONGEST_REST
from notifications.matching.declared_holidays import use_declared_holidays
from notifications.matching.notify_former import EARLIER, EARLIER_DAY
from notifications.matching.prices import PriceUnknown
from notifications.models import DeclaredHoliday, Delivery, Notice, Record
from secretary.kernel.models import AuditEvent
from secretary.kernel.secrets.encryption import Undecryptable
from subscriptions.message_templates import MissingValue
from subscriptions.specs import DATE_SLOTS
from subscriptions.triggers import NOT_YOURS

logger = logging.getLogger(__name__)
UNCOMPOSABLE = (Undecryptable, MissingValue, PriceUnknown, Unfit, ValueError, LookupError)
EARLIER_NOTICE = f"""
    SELECT {EARLIER}, {EARLIER_DAY} FROM notifications_notice n JOIN subscriptions_stage st ON st.id = n.stage_id
    WHERE n.id = %s
"""  # noqa: S608  (constants)


def text_as_sent(*, notice: Notice, delivery: Delivery, theirs: bool) -> Filled | None:
    """Return title and text of a delivery. None where it cannot be said with certainty what they were.

    `notice`: with its record, the record's agency, its stage and its citizen. `theirs`: the record is about them now.
    """
    attempt = _attempt(notice, delivery, theirs)
    if attempt is None or not _is_unchanged(notice, delivery):
        return None
    use_declared_holidays()
    if delivery.carrier_id is not None:
        return text_as_carried(delivery, attempt)
    try:
        content = approved([delivery.template_id])[delivery.template_id]
        return compose_text(attempt, content=content, day=delivery.day)
    except UNCOMPOSABLE as error:
        logger.warning("notice %s cannot be composed once more: %s", notice.pk, type(error).__name__)
        return None


def _attempt(notice: Notice, delivery: Delivery, theirs: bool) -> Claimed | None:
    """Return it as its claim did; None where the record is another person's, or the earlier notice is not known."""
    former, record, citizen = notice.stage.trigger == NOT_YOURS, notice.record, notice.citizen
    earlier, earlier_day = _earlier(notice) if former else (None, None)
    if not (earlier if former else theirs):
        return None
    anchor = getattr(record, f"date_{notice.stage.date_slot}") if notice.stage.trigger == "date" else earlier_day
    return Claimed(
        delivery_id=delivery.pk,
        notice_id=notice.pk,
        channel=delivery.channel,
        template_id=delivery.template_id,
        citizen_id=str(citizen.pk),
        name_encrypted=memoryview(citizen.name_encrypted),
        address_encrypted=memoryview(b""),  # no address is written
        payload_encrypted=None if former else memoryview(record.payload_encrypted),
        told_encrypted=None if former else _notified_then(record, delivery),
        agency_id=record.agency_id,
        external_id=record.external_id,
        anchor=anchor,
        earlier=earlier,
        birth_date_encrypted=memoryview(citizen.birth_date_encrypted),
        last_resort=True,  # leaves a message that fits unchanged; any other one was sent by it (poll_gateways.py)
    )


def _earlier(notice: Notice) -> tuple[int | None, date | None]:
    with connection.cursor() as cursor:
        cursor.execute(EARLIER_NOTICE, [notice.pk])
        earlier, day = cursor.fetchone()
    return earlier, day


def _notified_then(record: Record, delivery: Delivery) -> memoryview | None:
    """Return what a payment here had added to the record by then."""
    paid_since = record.paid_here_at is not None and record.paid_here_at > delivery.started_at
    return None if record.told_encrypted is None or paid_since else memoryview(record.told_encrypted)


def _is_unchanged(notice: Notice, delivery: Delivery) -> bool:
    """Return whether everything that went into the text is as it was: record, person's name, calendar."""
    if notice.stage.trigger != NOT_YOURS and not _is_same_record(notice, delivery):
        return False
    return not (_is_renamed(notice, delivery.started_at) or _is_calendar_changed(notice.record, delivery.started_at))


def _is_same_record(notice: Notice, delivery: Delivery) -> bool:
    record = notice.record
    if delivery.fence != notice.fence:  # an earlier attempt, perhaps of an earlier version
        return record.received_at <= delivery.started_at
    told = notice.told_digest
    return record.version == notice.record_version and (told is None or bytes(told) == bytes(record.announce_digest))


def _is_renamed(notice: Notice, since: datetime) -> bool:
    """Return whether an office has corrected the person's name; a name that was proved does not change."""
    if notice.citizen.registered_by != "office":
        return False
    corrected = AuditEvent.objects.filter(citizen_id=notice.citizen_id, action="registration.corrected", at__gt=since)
    return corrected.exists()


def _is_calendar_changed(record: Record, since: datetime) -> bool:
    """Return whether a holiday that was entered or withdrawn since moves a date of the record."""
    entered = DeclaredHoliday.objects.filter(Q(declared_at__gt=since) | Q(withdrawn_at__gt=since))
    days = list(entered.values_list("day", flat=True))
    return any(abs(day - own) <= LONGEST_REST for day in days for own in _dates(record))


def _dates(record: Record) -> Iterator[date]:
    columns: Mapping[str, Any] = vars(record)
    yield from (day for slot in DATE_SLOTS if (day := columns.get(f"date_{slot}")) is not None)
