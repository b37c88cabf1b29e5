"""Fault matrix 2 and 7: never lost, never twice: workers are killed, the broker is erased amid ten thousand notices."""

import pytest

from tests.faults.rig.balance import assert_balanced
from tests.faults.rig.service import PEOPLE, WORKERS, Service, fines

pytestmark = pytest.mark.faults
NOTICES = 10_000


def test_ten_thousand_notices_survive_kill_9_and_flushall(service: Service) -> None:
    service.push(fines(NOTICES, PEOPLE))
    service.wait_until(lambda: service.accepted() > NOTICES // 4)
    service.kill(*WORKERS)
    with service.broker() as broker:
        broker.flushall()
    accepted = service.accepted()
    assert accepted < NOTICES, "nothing was left to be done: the kill came too late"
    service.start(*WORKERS)
    service.wait_until_finished(NOTICES)
    assert_balanced(service, committed=NOTICES)
    assert service.accepted() == NOTICES
