"""A vendor is down for long: its channel is rerouted by itself, comes back, and no message goes out twice."""

import pytest

from tests.faults.rig.balance import assert_balanced
from tests.faults.rig.service import PEOPLE, WORKERS, Service, fine, fines

pytestmark = pytest.mark.faults
QUICK = {"AUTOPILOT_AFTER_SECONDS": "2", "AUTOPILOT_STEP_SECONDS": "2", "AUTOPILOT_SHARES": "20"}


def test_a_channel_that_is_down_is_rerouted_and_comes_back(service: Service) -> None:
    """Fault matrix 14."""
    service.kill(*WORKERS)
    service.start(*WORKERS, **QUICK)
    service.sandbox.fault("nhn", "rate_limit", retry_after=1)
    service.push(fines(90, PEOPLE))
    service.wait_until_finished(90)
    assert service.accepted("nhn") == 0
    assert service.rows("SELECT reason FROM notifications_channelstate WHERE share < 100 AND step_at IS NOT NULL")
    service.sandbox.clear_faults()
    service.wait_until(lambda: not service.rows("SELECT 1 FROM notifications_channelstate WHERE reason <> ''"))
    service.push([fine(each, each % PEOPLE) for each in range(90, 180)])
    service.wait_until_finished(180)
    assert_balanced(service, committed=180)
    assert service.accepted("nhn") == 30  # of every third person
    service.kill(*WORKERS)
