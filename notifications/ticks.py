"""The ledger of ticks: two schedulers are harmless, because only one of them gets the row."""

from datetime import UTC, datetime, timedelta

from secretary.common.models import Tick

TICKS_KEPT = timedelta(days=30)


def first_of_tick(*, name: str, seconds: int, now: datetime) -> bool:
    """Whether this is the first run of the job in the present window of so many seconds."""
    due_at = datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)
    _, created = Tick.objects.get_or_create(name=name, due_at=due_at, defaults={"started_at": now})
    return created


def forget_old_ticks(*, now: datetime) -> int:
    """Ticks are of use for as long as somebody may ask why a job ran; how many were removed."""
    removed, _ = Tick.objects.filter(due_at__lt=now - TICKS_KEPT).delete()
    return removed
