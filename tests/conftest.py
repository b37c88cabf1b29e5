"""What every test may use. Servers and the closed network are in tests/plugin.py."""

import os
from collections.abc import Iterator

import pytest
import redis


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is slow runs only when -m names it."""
    if "slow" not in config.getoption("-m"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """This worker's own database of the broker, empty."""
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        client.flushdb()
        yield client
