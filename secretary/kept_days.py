"""How many days what is kept, where operators choose it. What the periods mean: docs/privacy.md."""

from secretary import env


def _days(name: str, default: int) -> int:
    days = env.integer(name, default)
    if days < 1:
        raise env.Misconfigured(name, f"is {days}: write a number of days, at least 1")
    return days


KEPT_DAYS = {
    "receipts": _days("KEEP_RECEIPTS_DAYS", 180),
    "pushes": _days("KEEP_PUSHES_DAYS", 90),
    "refused_lines": _days("KEEP_REFUSED_LINES_DAYS", 90),
    "feed_runs": _days("KEEP_FEED_RUNS_DAYS", 366),
    "alarms": _days("KEEP_ALARMS_DAYS", 366),
    "access_logs": _days("KEEP_ACCESS_LOGS_DAYS", 731),
    "payment_events": _days("KEEP_PAYMENT_EVENTS_DAYS", 1827),
}
