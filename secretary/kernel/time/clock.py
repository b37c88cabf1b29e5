"""Read the time, in the one place where it may be read. Everything below the edges gets `now` passed in."""

from datetime import UTC, date, datetime, time, timedelta
from email.utils import formatdate
from time import time as epoch_seconds
from zoneinfo import ZoneInfo

KST = ZoneInfo("Asia/Seoul")
_header: tuple[int, str] = (0, "")  # two headers of each answer have the present instant: it is written once a second


def now() -> datetime:
    """Return the present instant, aware, in UTC. Called by views, tasks and commands only."""
    return datetime.now(UTC)


def kst_date(instant: datetime) -> date:
    """Return the calendar day in Korea at that instant."""
    return instant.astimezone(KST).date()


def kst_instant(day: date, at: time = time.min) -> datetime:
    """Return that time of that day in Korea, as an aware instant in UTC."""
    return datetime.combine(day, at, tzinfo=KST).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """Return the instant at which that day ends in Korea (the next midnight)."""
    return kst_instant(day + timedelta(days=1))


def http_date_now() -> str:
    """Return the present instant as RFC 9110 §5.6.7 has it: Mon, 30 Nov 2026 12:00:00 GMT"""
    global _header
    second, kept = int(epoch_seconds()), _header
    if kept[0] != second:
        _header = kept = (second, formatdate(second, usegmt=True))
    return kept[1]
