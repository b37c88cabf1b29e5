"""Define the whole days of calendar files (RFC 5545, 7986); calendar_files.py writes them.

A calendar holds on to a UID: a day that moves is the same event with a later SEQUENCE (RFC 5546 §2.1.5), and one that
does not apply any more is CANCELLED under its own name instead of ringing on. METHOD is CANCEL where all of a file is,
else PUBLISH (§3.2.1, §3.2.5; both ask for an ORGANIZER).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

ONE_DAY = timedelta(days=1)
WARNINGS = (timedelta(days=-3, hours=9), timedelta(hours=9))  # from midnight: at nine, three days before and on the day


class CalendarDay(NamedTuple):
    """One whole day. `uid`: what it is about, never the day itself; `warnings`: from its midnight in the calendar's own
    time zone."""

    uid: str
    on: date
    summary: str
    sequence: int
    changed_at: datetime
    description: str = ""
    cancelled: bool = False
    warnings: Sequence[timedelta] = ()
