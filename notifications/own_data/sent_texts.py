"""Compose the texts of past attempts once more, for the person who got them. Texts themselves are kept nowhere."""

import logging
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import Error as DatabaseTrouble
from django.db import connection

from notifications.delivery.as_sent import moved_sql, renamed_sql
from notifications.delivery.bundle import text_as_carried
from notifications.delivery.claim import Claimed
from notifications.delivery.compose import APPROVED_ROWS, Approved, compose_text, sheet
from notifications.delivery.fit import Filled
from notifications.matching.notify_former import EARLIER, EARLIER_DAY
from notifications.matching.stage_dates import ANCHOR
from notifications.models.declared_holiday import STANDING, take_declared_holidays
from notifications.models.record import about_sql
from secretary.kernel.database.kept_queries import KeptText, Together
from secretary.kernel.database.prepared import planned
from secretary.kernel.database.sql import read_sql
from secretary.kernel.korean.korean import Language
from subscriptions.specs import DATE_SLOTS

logger = logging.getLogger(__name__)
ATTEMPTS = planned(
    read_sql(
        "notifications",
        "sent_texts",
        about=about_sql(record="r", citizen="n.citizen_id"),
        anchor=ANCHOR,
        earlier=EARLIER,
        earlier_day=EARLIER_DAY,
        renamed=renamed_sql("c.registered_by"),
        moved=moved_sql(*(f"r.date_{slot}" for slot in DATE_SLOTS)),
    )
)
# What texts were made of beside their records: the approved templates, and the holidays off which days move.
AROUND = Together(approved=KeptText(APPROVED_ROWS, "templates"), holidays=KeptText(STANDING))


class SentText(NamedTuple):
    """One attempt. `is_as_sent`: it was a message of its own, and nothing that went into the text has changed since, so
    that it is the same byte for byte. Otherwise the text is that of the record's newest version, also of a notice that
    a bundled message carried; or empty, where the record is another person's by now or the text cannot be composed any
    more."""

    delivery_id: int
    notice_id: int
    channel: str
    state: str
    code: str
    vendor_id: str
    started_at: datetime
    answered_at: datetime | None
    finished_at: datetime | None
    title: str
    text: str
    language: Language
    is_as_sent: bool
    day: date  # of its text
    carrier_id: int | None  # the delivery whose bundled message carried it
    attempt: Claimed


def sent_texts(notices: Sequence[int]) -> list[SentText]:
    """Return the attempts of these notices in their order, with their texts."""
    with connection.cursor() as cursor:
        cursor.execute(ATTEMPTS, {"notices": list(notices)})
        rows = cursor.fetchall()
    found = AROUND.rows(templates={row[12] for row in rows})
    take_declared_holidays(day for (day,) in found["holidays"])
    contents = {row[0]: Approved(*row) for row in found["approved"]}
    return [_sent(row, contents) for row in rows]


def bundled_text(item: SentText) -> Filled | None:
    """Return the bundled message that carried it; None where it was a message of its own, or is not known any more."""
    return text_as_carried(item.carrier_id, item.day, item.attempt) if item.carrier_id is not None else None


def _sent(row: Sequence[Any], contents: dict[int, Approved]) -> SentText:
    state, code, vendor_id, started_at, answered_at, finished_at, day, is_as_sent, carrier_id, *rest = row
    attempt = Claimed(*rest)._replace(last_resort=True)
    title, text = _text(attempt, contents[attempt.template_id], day)
    times = (started_at, answered_at, finished_at)
    found = (attempt.delivery_id, attempt.notice_id, attempt.channel, state, code, vendor_id)
    language = sheet(contents[attempt.template_id]).language
    is_known = bool(is_as_sent and text and carrier_id is None)
    return SentText(*found, *times, title, text, language, is_known, day, carrier_id, attempt)


def _text(attempt: Claimed, content: Approved, day: date) -> tuple[str, str]:
    if attempt.payload_encrypted is None and attempt.earlier is None:
        return "", ""
    try:
        filled = compose_text(attempt, content=content, day=day)
    except DatabaseTrouble:
        raise
    except Exception as error:  # a value that the template needs is gone: the other texts are shown all the same
        logger.warning("text of delivery %s cannot be composed: %s", attempt.delivery_id, type(error).__name__)
        return "", ""
    return filled.title, filled.text
