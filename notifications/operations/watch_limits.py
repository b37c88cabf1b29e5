"""Watch the overall limits of codes and tries: while one is used up, the requests of all citizens are refused."""

from datetime import datetime

from django.conf import settings

from notifications.alarms import clear_by_itself, raise_alarm
from subscriptions.accounts.attempts import times_in_window

KIND = "limit_reached"
OVERALL = ("_overall", "_short")  # names of limits that all citizens share


def watch_limits(*, now: datetime) -> list[str]:
    """Raise an alarm for each shared limit that is used up, and clear it when its window is over; return their
    names."""
    reached = [name for name in settings.ATTEMPT_LIMITS if name.endswith(OVERALL) and _is_reached(name, now)]
    for name in reached:
        most, seconds = settings.ATTEMPT_LIMITS[name]
        message = (
            f"{name}: {most} in {seconds // 60} minutes are used up; every further request is refused in this window"
        )
        raise_alarm(kind=KIND, subject=name, message=message, now=now)
    clear_by_itself(kind=KIND, but=reached, now=now)
    return reached


def _is_reached(name: str, now: datetime) -> bool:
    most, _seconds = settings.ATTEMPT_LIMITS[name]
    return times_in_window(name, "all", now=now) >= most
