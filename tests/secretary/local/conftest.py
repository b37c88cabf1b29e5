"""A folder for a test's own servers, which the database's user can reach and which leaves nothing running."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from secretary.local.embedded import servers


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as path:
        yield path


@pytest.fixture(scope="module")
def looked_at() -> Iterator[Path]:
    """Where both run for all tests that only look at them."""
    with reachable_folder() as path:
        servers.start(path, durable=False)
        yield path


@contextmanager
def reachable_folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="local-"))
    path.chmod(0o755)
    yield path
    servers.stop(path)
    shutil.rmtree(path)
