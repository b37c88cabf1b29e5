"""How long an adapter waits, for everything: one plain value from the installation's settings."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds; a claim's lease must be longer than `batch_seconds` + `total_seconds`, or a late worker sends twice."""

    connect_seconds: float = 3.0
    total_seconds: float = 10.0  # of one request
    batch_seconds: float = 25.0  # after it nothing new of a batch is started
    settle: timedelta = timedelta(seconds=30)  # after a send; then a message that is not listed was never received


USUAL = Timing()
