"""Define how long an adapter waits, and how far it looks: one plain value from the installation's settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds; a claim's lease must be longer than `batch_seconds` + `total_seconds`, or a late worker sends twice."""

    connect_seconds: float = 3.0
    total_seconds: float = 10.0  # of one request
    batch_seconds: float = 25.0  # after it nothing new of a batch is started
    settle: timedelta = timedelta(seconds=30)  # after a send; then a message that is not listed was never received
    list_pages: int = 5  # of a vendor's list that are read to find one message whose answer was lost
    patience_seconds: float = 0.2  # after which `let_go` is called, once for each batch that is not through
    let_go: Callable[[], object] = lambda: None  # of what must not be held while another company's server is slow


USUAL = Timing()
