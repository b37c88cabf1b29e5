"""Give a worker of ./run its second process only while there is work for it: `--autoscale 2,1` (docs/adr/0059).

A process of a worker has 20 MB for itself, and at rest one has enough to do with what the schedule brings. Celery's own
autoscaler would never give the second one back: what is scheduled comes every few seconds, two messages at a time.
"""

from time import monotonic
from typing import Any

from celery.worker import state
from celery.worker.autoscale import Autoscaler

from secretary.celery import SCHEDULED

PATIENCE_SECONDS = 1.0  # so long scheduled tasks may wait for each other before they get a second process
REST_SECONDS = 25.0  # without need of it, after which the second process ends
LOOK_SECONDS = 5.0


class SecondProcess(Autoscaler):  # type: ignore[misc]  # Celery has no types
    """Add processes at once for what no schedule has brought, and for scheduled tasks that have waited for a while.

    Celery calls `maybe_scale` in the worker's event loop: with each message, and every LOOK_SECONDS.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "keepalive": LOOK_SECONDS})
        self._waiting_since: float | None = None  # when a message came that had to wait for another one
        self._needed_at = monotonic()

    def _maybe_scale(self, req: Any = None) -> bool:
        """Return whether the number of processes was changed."""
        if self._is_needed():
            self._needed_at = monotonic()
            missing = min(self.qty, self.max_concurrency) - self.processes
            if missing > 0:
                self._grow(missing)
                return True
        # A process that has taken a message and not yet begun with it would take it along.
        elif not self.qty and self.processes > self.min_concurrency and monotonic() > self._needed_at + REST_SECONDS:
            self._shrink(self.processes - self.min_concurrency)
            return True
        return False

    def _is_needed(self) -> bool:
        if self.qty <= self.min_concurrency:
            self._waiting_since = None
            return False
        if self._waiting_since is None:
            self._waiting_since = monotonic()
            self.worker.hub.call_later(PATIENCE_SECONDS, self.maybe_scale)
        is_patient = monotonic() < self._waiting_since + PATIENCE_SECONDS
        return not is_patient or any(request.name not in SCHEDULED for request in state.reserved_requests)
