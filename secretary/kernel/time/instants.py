"""Read instants as people type them on a command line."""

from datetime import UTC, datetime

from secretary.kernel.time.clock import KST


class BadInstant(ValueError):
    """Not ISO 8601, or not of this century."""


def parse_now(text: str) -> datetime:
    """`2026-03-14T09:00` (Korean time) or with an offset → aware, in UTC. Raises BadInstant."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInstant(f"{text!r} is no instant; write it like 2026-03-14T09:00") from error
    if not 2000 <= instant.year < 2100:  # days before and after it must be days too
        raise BadInstant(f"{text!r} is not between 2000 and 2099")
    return (instant if instant.tzinfo else instant.replace(tzinfo=KST)).astimezone(UTC)
