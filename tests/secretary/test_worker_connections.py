"""A worker's connection to the database outlives a task, and nothing that is wrong with it does (docs/adr/0007)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from secretary.local import commands
from tests.plugin import ROOT
from tests.secretary.local.test_supervisor import eventually

pytestmark = pytest.mark.usefixtures("broker")  # empty: what other tests have left in the queue would come first

# What each task does to its connection at its end.
TASKS = ["", "", "left open", "", "ended", ""]


def test_tasks_share_a_connection_until_it_is_broken(tmp_path: Path) -> None:
    kept = _looks(tmp_path)
    assert [state for _, state in kept] == ["False"] * len(TASKS)
    first, second, third, fourth, fifth, sixth = (backend for backend, _ in kept)
    assert first == second == third
    assert fourth == fifth
    assert len({third, fourth, sixth}) == 3


def test_behind_a_pooler_that_shares_by_transaction_no_connection_is_kept(tmp_path: Path) -> None:
    assert len({backend for backend, _ in _looks(tmp_path, CONN_MAX_AGE="0")}) == len(TASKS)


def _looks(folder: Path, **settings: str) -> list[list[str]]:
    """Return what each task saw: the server's process, and whether a transaction was open."""
    environment = {**os.environ, "LOOKED": str(folder), **settings}
    command = [*commands.worker("looking", queues="notices"), "--concurrency", "1"]
    command = [word if word != "secretary" else "tests.secretary.worker_connections" for word in command]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as worker:
        try:
            subprocess.run([sys.executable, "-c", SEND, *TASKS], cwd=ROOT, env=environment, check=True)
            eventually(lambda: len(list(folder.iterdir())) == len(TASKS))
        finally:
            worker.terminate()
            worker.wait(timeout=300)
    return [(folder / str(number)).read_text().split() for number in range(len(TASKS))]


SEND = """
import sys
from tests.secretary.worker_connections import app
for number, break_by in enumerate(sys.argv[1:]):
    app.send_task("tests.look", [number, break_by], queue="notices")
"""
