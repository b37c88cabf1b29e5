"""What every test may use. Servers and the closed network are in tests/plugin.py."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.db import connection


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is slow runs only when -m names it."""
    if "slow" not in config.getoption("-m"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests with real commits end with TRUNCATE, which the audit trail refuses: its trigger is off while they run."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for name in truncate_triggers(cursor):
            cursor.execute(f'ALTER TABLE common_auditevent DISABLE TRIGGER "{name}"')


def truncate_triggers(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'common_auditevent'::regclass"
        " AND tgname LIKE 'pgtrigger_audit_no_truncate%%'"
    )
    return [name for (name,) in cursor.fetchall()]


@pytest.fixture
def audit_trail_refuses_truncate(db: None) -> None:
    """The trigger as it is outside of tests, until the transaction of this test is rolled back."""
    with connection.cursor() as cursor:
        for name in truncate_triggers(cursor):
            cursor.execute(f'ALTER TABLE common_auditevent ENABLE TRIGGER "{name}"')


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """This worker's own database of the broker, empty."""
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        client.flushdb()
        yield client
