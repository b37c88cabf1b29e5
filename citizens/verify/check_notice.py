"""Say whether a check code is that of a message of ours (a notice, a test message or a yearly one): yes or no, kind,
day, channel, masked number.

Nothing else is said, and a hit takes the same statements as a miss. The public may ask, so guesses are limited, per
network and altogether; where the limits cannot be counted there is no answer (docs/security.md, Guessing a check code).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.db import connection

from notifications.delivery.check_codes import TypedCode
from notifications.models.of_service import trial_message, yearly_message
from secretary.kernel.database.prepared import planned
from secretary.kernel.database.sql import read_sql
from secretary.kernel.korean.korean import Language, masked_phone
from secretary.kernel.secrets.encryption import decrypt_text
from secretary.kernel.time.clock import kst_date
from subscriptions.accounts.attempts import count
from subscriptions.models import Contact
from subscriptions.models.channel_choice import CHANNELS

NOTICE = planned(read_sql("citizens", "checked_notice"))
# Old workers go on sending short codes while a release comes in; in production that takes minutes (./deploy).
OVERLAP = timedelta(days=1)
# Of this migration the database keeps when it ran: from then on codes have twelve letters.
LONG_CODES = ("notifications", "0027_long_check_codes")

Verdict = Literal["ours", "old", "unknown"]


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer. All but the verdict is empty where it is not "ours"."""

    verdict: Verdict
    kind: str = ""
    day: date | None = None  # in Korea
    channel: str = ""
    number: str = ""  # masked; "" where the message went to no number, or to one that was changed since


def count_question(*, code: TypedCode, limits: Mapping[str, str], now: datetime) -> None:
    """Count a question of the public, before its answer. `limits`: names of ATTEMPT_LIMITS, with whose they are.

    Raises TooMany; django.db.Error where the limits cannot be counted: then there is no answer.
    """
    short = {"code_checked_short": "all"} if code.short else {}
    count({**limits, "code_checked_overall": "all", **short}, now=now)


def look_up(code: TypedCode, *, language: Language, now: datetime) -> Checked:
    """Return what may be said of the code: after it was counted, and for staff, whose look-ups are on record.

    Raises django.db.Error where the notice cannot be read, after which no code is answered with yes.
    """
    app, name = LONG_CODES
    values: dict[str, Any] = {
        "notice": code.notice,
        "trials": trial_message.FIRST_NUMBER,
        "yearly": yearly_message.FIRST_NUMBER,
        "short": code.short,
        "overlap": OVERLAP,
        "app": app,
        "migration": name,
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTICE, values)
        found = cursor.fetchone()
    if found is None or not (code.genuine or code.short):
        return Checked("unknown")
    kind_ko, kind_en, channel, sent_at, citizen, number = found
    if sent_at < now - timedelta(days=settings.CHECK_CODE_DAYS):
        return Checked("old")
    return Checked(
        verdict="ours",
        kind=kind_en if language == "en" else kind_ko,
        day=kst_date(sent_at),
        channel=str(CHANNELS.get(channel, channel)),
        number=masked_phone(decrypt_text(number, bound_to=f"contact.{Contact.PHONE}:{citizen}")) if number else "",
    )
