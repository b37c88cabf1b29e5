"""Read the time, in the one place where it may be read. Everything below the edges gets `now` passed in."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

KST = ZoneInfo("Asia/Seoul")


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
