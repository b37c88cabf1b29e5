"""A task that takes longer than the broker waits is handed out a second time while it still works."""

from collections import Counter
from pathlib import Path

import pytest

from tests.faults.rig.balance import assert_balanced
from tests.faults.rig.service import PEOPLE, WORKERS, Service, fines

pytestmark = pytest.mark.faults
# Longer than the gateway takes, which takes longer than the broker waits.
PATIENT = {"HTTP_TOTAL_SECONDS": "8", "LEASE_SECONDS": "20"}


def test_a_task_that_outlives_the_brokers_visibility_timeout_sends_nothing_twice(
    service_without_workers: Service, tmp_path: Path
) -> None:
    """Fault matrix 5: what is being sent is claimed, so that the second run of the task finds none of it."""
    service, starts = service_without_workers, tmp_path / "starts"
    service.start(*WORKERS, APP="tests.faults.rig.impatient", STARTS=str(starts), **PATIENT)
    service.sandbox.fault("any", "latency", seconds=5)
    service.push(fines(60, PEOPLE))
    service.wait_until(lambda: starts.exists() and max(Counter(starts.read_text().split()).values()) > 1)
    service.wait_until_finished(60)
    service.kill(*WORKERS)
    assert_balanced(service, committed=60)
    assert service.rows("SELECT count(*), max(fence) FROM notifications_delivery") == [(60, 1)]
