"""What every test may use. Servers and the closed network are in tests/plugin.py."""

import gc
import os
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis
import pytest
import redis
from django.db import connection
from django.test import override_settings
from time_machine import TimeMachineFixture

from secretary.kernel.time import database_clock
from secretary.kernel.time.clock import kst_date
from tests.faults.rig.service import WORKERS, Service, running_service
from tests.support.compiled_once import one_compiles_for_all
from tests.support.dealing import SERVICE, pytest_xdist_make_scheduler, sort_by_length, unit_of
from tests.support.prepared_database import give_each_process_its_own, owner_cursor, take_away_what_was_left

__all__ = ["pytest_xdist_make_scheduler"]
RUNNING = pytest.StashKey[Service]()
LONGEST = timedelta(minutes=2)  # that a test takes which is to begin and end on one day

# Every run tries the same cases, however slow the machine: what no change has broken must not fail. With
# --hypothesis-profile=default others are drawn, which may find what these do not.
hypothesis.settings.register_profile(
    "alike", derandomize=True, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("alike")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Nothing of what is imported and collected is garbage."""
    gc.disable()
    try:
        with one_compiles_for_all():
            return (yield)
    finally:
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is slow runs only when -m names it; the longest runs first."""
    sort_by_length(items)
    if "slow" not in config.getoption("-m"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


def pytest_collection_finish() -> None:
    """Modules and thousands of tests stay to the end: the garbage collector need not walk through them each time, nor
    come after every 700 new objects, of which a page has thousands."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> None:
    """Made and migrated by the owner; Django's connection is the application's, as in production."""
    with django_db_blocker.unblock():
        give_each_process_its_own(os.environ.get("PYTEST_XDIST_WORKER", "alone"))


@pytest.fixture(scope="session", autouse=True)
def quick() -> Iterator[None]:
    """Real hashing takes half a second of CPU on purpose; each test client would look through all static files."""
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=hashers, WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(autouse=True)
def unasked_clock() -> None:
    """The database's clock is asked anew: what the test before was answered would be carried on for two seconds, and
    a test that counts statements would count one fewer."""
    database_clock._last = None


@pytest.fixture(autouse=True)
def unasked_statements() -> None:
    """Those that earlier tests of this process have counted: after 9,000 Django warns, which fails a test."""
    connection.queries_log.clear()


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left() -> Iterator[None]:
    """A file whose tests roll back must not commit by another thread or process: a later file would find it."""
    yield
    left = take_away_what_was_left()
    assert not left, f"left committed in {left}: use transaction=True, or write in the test's own thread"


@pytest.fixture
def still_clock(time_machine: TimeMachineFixture) -> None:
    """This machine's clock stands at the present: no window of a limit, no hour and no day ends within the test. For
    what counts attempts or asks for the current day, unless the test has a time of its own."""
    time_machine.move_to(datetime.now(UTC), tick=False)


@pytest.fixture
def of_one_day() -> None:
    """The sandbox dates what it does by the real clock: the test begins and ends on the same day in Korea."""
    while kst_date(datetime.now(UTC)) != kst_date(datetime.now(UTC) + LONGEST):
        time.sleep(1)


@pytest.fixture
def owner() -> Iterator[Any]:
    """A cursor of the tables' owner, a superuser, who sees what was committed; for tests with transaction=True."""
    with owner_cursor() as cursor:
        yield cursor


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """This worker's own database of the broker, empty."""
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        client.flushdb()
        yield client


@pytest.fixture(scope="session")
def running(django_db_setup: None, pytestconfig: pytest.Config) -> Iterator[Service]:
    """One service for all who break it or look at it from outside (tests/support/dealing.py keeps them together)."""
    with running_service() as started:
        pytestconfig.stash[RUNNING] = started
        yield started


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Once the next test is none of theirs, the service rests: to the end of the run, beat and workers would look for
    work every second."""
    service = item.config.stash.get(RUNNING, None)
    if service is not None and not (nextitem and unit_of(nextitem.nodeid) == SERVICE):
        service.rest()


@pytest.fixture
def service(running: Service) -> Iterator[Service]:
    """Everything runs, nothing is on its way. Whatever a test breaks, the next one finds mended."""
    yield from _as_new(running)


@pytest.fixture
def service_without_workers(running: Service) -> Iterator[Service]:
    """The same for tests that start workers of their own."""
    yield from _as_new(running, but=WORKERS)


def _as_new(running: Service, *, but: Sequence[str] = ()) -> Iterator[Service]:
    running.kill(*running.processes.keys() & set(but))
    running.run_all(but=but)
    running.forget_everything()
    yield running
    running.thaw()
