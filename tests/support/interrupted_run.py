"""A small run of the tests that is there to be interrupted: tests/test_interrupted.py starts it by its name."""

import os
import sys
import threading
from pathlib import Path

from secretary.local.embedded import servers

REPORT_TO = "REPORTS_WHEN_IT_RUNS"  # the variable that names the pipe into which the run's folder is written then


def test_it_waits_with_processes_of_its_own(tmp_path: Path) -> None:
    """One in a session of its own, as gunicorn and workers are; a database that has no environment; and no end."""
    servers.start(tmp_path, durable=False, only=frozenset({"postgres"}))
    waits = [sys.executable, "-c", "import signal; signal.pause()"]
    os.posix_spawn(sys.executable, waits, os.environ, setsid=True)
    with Path(os.environ[REPORT_TO]).open("w") as pipe:
        print(os.environ["TEST_RUN"], file=pipe)
    threading.Event().wait()
