"""The database is lost under load and its replica takes over: nothing that was acknowledged is lost, or sent twice.

Slow, and no part of `./test` or its table of faults: `./test -m slow tests/faults/test_failover.py -s`.
"""

import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any

import pytest

from sandbox.agencies.push import PATH, headers
from tests.faults.rig.balance import assert_balanced
from tests.faults.rig.service import PEOPLE, WORKERS, Service, fines, running_service
from tests.faults.rig.standby import Standby

pytestmark = [pytest.mark.slow, pytest.mark.faults]
NOTICES, AT_ONCE = 6000, 50
PROCESSES = ("web", *WORKERS, "beat")


class Agency(threading.Thread):
    """Pushes records, a few at a time, each until it is acknowledged."""

    def __init__(self, service: Service) -> None:
        super().__init__(daemon=True)
        self._service, self._records = service, fines(NOTICES, PEOPLE)
        self.acknowledged: list[str] = []
        self.refused = 0

    def run(self) -> None:
        for start in range(0, NOTICES, AT_ONCE):
            some = self._records[start : start + AT_ONCE]
            while not self._is_accepted(some):
                self.refused += 1
                time.sleep(0.1)
            self.acknowledged += [record["external_id"] for record in some]

    def _is_accepted(self, records: list[dict[str, Any]]) -> bool:
        body = json.dumps({"records": records}).encode()
        signed = headers(f"push-{uuid.uuid4().hex}", body, int(time.time()))
        request = urllib.request.Request(self._service.url + PATH, data=body, headers=signed)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status == 200
        except (OSError, HTTPException):  # also: refused with 503
            return False


@pytest.fixture
def pair(django_db_setup: None) -> Iterator[tuple[Service, Standby]]:
    with running_service() as service:
        service.stop(*PROCESSES)
        standby = Standby(service.folder / "standby", durable=False)
        try:
            standby.follow(service.postgres)
            standby.wait_for_every_commit(service.postgres)
            service.start(*PROCESSES, DATABASE_URL=standby.either(service.postgres))
            service.run_all()
            yield service, standby
        finally:
            service.kill(*list(service.processes))
            standby.stop()


def test_the_replica_takes_over_and_nothing_acknowledged_is_lost(pair: tuple[Service, Standby]) -> None:
    service, standby = pair
    agency = Agency(service)
    agency.start()
    service.wait_until(lambda: len(agency.acknowledged) >= NOTICES / 4 and service.accepted() > 0)
    service.crash_database()
    before = set(agency.acknowledged)  # the last of them may have come a moment before the crash
    lost_at = time.monotonic()
    standby.promote()
    service.postgres = standby
    stored = {external_id for (external_id,) in service.rows("SELECT external_id FROM notifications_record")}
    assert before <= stored, f"{len(before - stored)} of {len(before)} acknowledged records are lost"
    agency.join(timeout=300)
    assert len(agency.acknowledged) == NOTICES
    pushed_at = time.monotonic()
    service.wait_until_finished(NOTICES)
    assert_balanced(service, committed=NOTICES)
    print(
        f"\n{len(before)} records were acknowledged before the crash, all of them kept; {agency.refused} pushes had to"
        f" be sent again; all {NOTICES} notices finished {time.monotonic() - lost_at:.1f} s after the crash and"
        f" {time.monotonic() - pushed_at:.1f} s after the last push"
    )
