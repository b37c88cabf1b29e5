"""The broker freezes or restarts, the database crashes or cuts its connections: people get pages, notices arrive."""

import os
import signal

import pytest

from tests.faults.rig.balance import assert_balanced
from tests.faults.rig.doors import assert_come_again, assert_open
from tests.faults.rig.exhaust import no_connection_left
from tests.faults.rig.service import CUT, PEOPLE, Service, fines

pytestmark = pytest.mark.faults


def test_while_the_broker_is_frozen_the_web_answers_and_nothing_is_lost(service: Service) -> None:
    """Fault matrix 8."""
    broker = int((service.valkey.home / "pid").read_text())
    os.kill(broker, signal.SIGSTOP)
    try:
        service.push(fines(60, PEOPLE))  # acknowledged: it is in the database
        assert service.get("/") == 200
    finally:
        os.kill(broker, signal.SIGCONT)
    service.wait_until_finished(60)
    assert_balanced(service, committed=60)


def test_the_broker_restarts_with_nothing_in_it(service: Service) -> None:
    """Fault matrix 7 and 8."""
    service.push(fines(300, PEOPLE))
    for _ in range(2):
        service.valkey.stop()
        assert service.get("/") == 200
        service.valkey.start()
    service.wait_until_finished(300)
    assert_balanced(service, committed=300)


def test_the_database_crashes_under_load(service: Service) -> None:
    """Fault matrix 9: what was acknowledged is there afterwards."""
    service.push(fines(600, PEOPLE))
    service.wait_until(lambda: service.accepted() > 0)
    service.crash_database()
    try:
        assert service.get("/readyz") == 503
        assert_come_again(service)
    finally:
        service.postgres.start()
    service.wait_until_finished(600)
    assert_balanced(service, committed=600)


def test_all_connections_are_cut_under_load(service: Service) -> None:
    """Fault matrix 10."""
    service.push(fines(600, PEOPLE))
    for _ in range(3):
        service.rows(CUT)
        assert service.get("/") == 200
    service.wait_until_finished(600)
    assert_balanced(service, committed=600)


def test_no_connection_is_left(service: Service) -> None:
    """Fault matrix 10: visitors are asked to retry, and once there is room everything continues."""
    service.push(fines(60, PEOPLE))
    with no_connection_left(service):
        assert_come_again(service)
    service.wait_until_finished(60)
    assert_balanced(service, committed=60)
    assert_open(service)
