"""Workers die in the middle of their work, or are stopped: all work is resumed, nothing is sent twice."""

import os
import signal

import pytest

from tests.faults.rig.balance import assert_balanced
from tests.faults.rig.service import PEOPLE, WORKERS, Service, fines

pytestmark = pytest.mark.faults
# A lease that ends soon after the worker's death, and questions soon after it.
SHORT = {"HTTP_TOTAL_SECONDS": "1", "HTTP_BATCH_SECONDS": "0.5", "LEASE_SECONDS": "2", "SETTLE_SECONDS": "1"}
# Deliveries of which nothing says what the gateway answered (docs/adr/0071).
UNWRITTEN = """
SELECT count(*) FROM notifications_delivery d WHERE state = 'sending'
    AND NOT EXISTS (SELECT FROM notifications_handedover h WHERE d.id = ANY(h.deliveries))
"""


def test_a_child_is_killed_while_it_waits_for_a_gateway(service: Service) -> None:
    """Fault matrix 1 and 3: the gateway has seen nothing."""
    service.sandbox.fault("any", "black_hole")
    service.push(fines(60, PEOPLE))
    service.wait_until_hit()
    children = {name: service.children(name) for name in WORKERS}
    for pid in [*children["urgent"], *children["notices"]]:
        os.kill(pid, signal.SIGKILL)
    service.sandbox.clear_faults()
    service.wait_until_finished(60)
    assert_balanced(service, committed=60)
    assert all(set(service.children(name)).isdisjoint(children[name]) for name in WORKERS)


def test_all_workers_are_killed_after_the_gateway_took_the_batch(service: Service) -> None:
    """Fault matrix 2 and 4: the gateway has the messages, we have no answer; it is polled, nothing is sent again."""
    service.sandbox.fault("any", "hold")
    service.push(fines(60, PEOPLE))
    service.wait_until(lambda: service.accepted() > 0)
    service.kill(*WORKERS)
    service.sandbox.clear_faults()
    service.start(*WORKERS)
    service.wait_until_finished(60)
    assert_balanced(service, committed=60)


def test_a_deployment_under_load_with_two_schedulers(service: Service) -> None:
    """Fault matrix 12 and 16: SIGTERM to web and workers, two beats all the while."""
    service.start("beat2")
    service.push(fines(600, PEOPLE))
    service.wait_until(lambda: service.accepted() > 0)
    service.stop("web", *WORKERS)
    assert service.rows(UNWRITTEN) == [(0,)]
    service.run_all()
    service.wait_until_finished(600)
    service.kill("beat2")
    assert_balanced(service, committed=600)


def test_a_record_that_kills_its_workers_is_set_aside_and_the_rest_flows(service_without_workers: Service) -> None:
    """Fault matrix 6. The workers of this test die of one record while they compose it."""
    service = service_without_workers
    service.start(*WORKERS, APP="tests.faults.rig.poisoned", POISON="F-7", **SHORT)
    service.push(fines(60, PEOPLE))
    service.wait_until_finished(60)
    service.kill(*WORKERS)
    assert_balanced(service, committed=60, review=1)
    assert service.rows(
        "SELECT r.external_id, n.crashes, n.reason FROM notifications_notice n"
        " JOIN notifications_record r ON r.id = n.record_id WHERE n.state = 'review'"
    ) == [("F-7", 3, "lease_expired")]
