from collections.abc import Iterator

import pytest

from tests.faults.service import Service, running_service

PEOPLE = 300


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One service serves them all: they belong on one worker of a parallel run."""
    for item in items:
        if "running" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("faults"))


@pytest.fixture(scope="session")
def running() -> Iterator[Service]:
    with running_service(PEOPLE) as service:
        yield service


@pytest.fixture
def service(running: Service) -> Iterator[Service]:
    """Everything runs, nothing is on its way. Whatever a test breaks, the next one finds mended."""
    running.run_all()
    running.forget_everything()
    yield running
    running.thaw()
