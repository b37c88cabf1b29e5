"""Record each run of a scheduled job once: two schedulers are harmless, because only one of them gets the row."""

from datetime import UTC, datetime

from secretary.kernel.models import ScheduledRun


def first_of_run(*, name: str, seconds: int, now: datetime) -> bool:
    """Return whether this is the first run of the job in the present window of so many seconds."""
    due_at = datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
    _, created = ScheduledRun.objects.get_or_create(name=name, due_at=due_at, defaults={"started_at": now})
    return created
