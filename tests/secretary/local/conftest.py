"""A folder for a test's own servers, which the database's user can reach and which leaves nothing running."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretary.local import servers


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="local-"))
    path.chmod(0o755)
    yield path
    servers.stop(path)
    shutil.rmtree(path)
