"""A new release under load, by ./deploy and the commands of docker-compose.yml: no request refused, nothing lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.rig.balance import assert_balanced
from tests.faults.rig.compose import Machine, machine
from tests.faults.rig.service import PEOPLE, WORKERS, Service, fines
from tests.faults.rig.visitors import visitors

pytestmark = pytest.mark.faults
NEXT_RELEASE = {"DJANGO_SETTINGS_MODULE": "tests.faults.next_release.settings"}
BACKLOG = 600
COLUMNS = "SELECT count(*) FROM information_schema.columns WHERE column_name = 'of_next_release'"


@pytest.fixture
def deployed(service: Service, tmp_path: Path) -> Iterator[Machine]:
    """The service on compose's web and receiver in place of ./run's web; afterwards as it was, schema and all."""
    service.kill("web")
    try:
        with machine(service, tmp_path) as made:
            yield made
            service.wait_until_finished(sum(service.states().values()))
            made.release = NEXT_RELEASE
            made.services["back"] = {"command": "python manage.py migrate next_release zero"}
            assert made.run("back") == 0
    finally:
        service.kill(*WORKERS, "beat")  # of the next release; the next test starts its own, and the web of ./run


def test_a_release_under_load_refuses_no_request_and_loses_nothing(service: Service, deployed: Machine) -> None:
    """Fault matrix 16: migrated, both webs, the receiver and all workers replaced, with a backlog and visitors."""
    service.push(fines(BACKLOG, PEOPLE))
    service.wait_until(lambda: service.accepted() > 0)
    before = deployed.pids()
    deployed.release = NEXT_RELEASE
    with visitors(service, receiver_port=deployed.receiver_port) as came:
        deployed.deploy()
    after = deployed.pids()
    assert {name for name in before if before[name] == after[name]} == {"listeners"}
    assert service.rows(COLUMNS) == [(1,)]
    assert {status for _, status in came.answers} == {200}, (came.answers, came.words[:5])
    assert {who for who, _ in came.answers} == {"person", "browser", "agency", "gateway", "receiver"}
    service.wait_until_finished(BACKLOG + came.records)
    assert_balanced(service, committed=BACKLOG + came.records)
