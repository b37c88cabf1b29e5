"""SIGTERM to a real worker: what is under way is finished, nothing new is begun (docs/adr/0027-how-workers-end.md)."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from secretary.celery import app as ours
from secretary.local import commands
from tests.plugin import ROOT
from tests.secretary.local.test_supervisor import eventually

pytestmark = pytest.mark.usefixtures("broker")  # empty: what other tests have left in the queue would come first


def test_a_worker_asked_to_stop_finishes_its_task_and_begins_no_other(tmp_path: Path) -> None:
    command = [word if word != "secretary" else "tests.secretary.one_held_task" for word in _worker()]
    environment = {**os.environ, "HELD_TASKS": str(tmp_path)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as worker:
        try:
            send = [sys.executable, "-c", SEND]
            subprocess.run(send, cwd=ROOT, env=environment, check=True, capture_output=True)
            eventually(lambda: (tmp_path / "began-1").exists())
            worker.send_signal(signal.SIGTERM)
            subprocess.run([*send, "2"], cwd=ROOT, env=environment, check=True, capture_output=True)
            assert worker.poll() is None
            (tmp_path / "let-go").touch()
            assert worker.wait(timeout=300) == 0
            assert worker.stderr is not None
            output = worker.stderr.read()
        finally:
            worker.kill()
    assert (tmp_path / "done-1").exists()
    assert not (tmp_path / "began-2").exists()
    assert re.search(r"WARNING tests task=tests.hold task_id=[0-9a-f-]{36}: held: 1\n", output), output


def test_no_setting_promises_a_soft_shutdown_that_no_signal_begins() -> None:
    assert ours.conf.worker_soft_shutdown_timeout == 0 or os.environ.get("REMAP_SIGTERM") == "SIGQUIT"


def test_compose_waits_longer_than_any_task_may_last() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    workers = [notified for notified in services.values() if re.search(r"\bworker\b", str(notified.get("command", "")))]
    assert len(workers) == 4
    for notified in workers:
        assert int(notified["stop_grace_period"].removesuffix("s")) > settings.CELERY_TASK_TIME_LIMIT


def _worker() -> list[str]:
    return [*commands.worker("held", queues="notices"), "--concurrency", "1"]


SEND = """
import sys
from tests.secretary.one_held_task import app
app.send_task("tests.hold", [int((sys.argv[1:] or ["1"])[0])], queue="notices")
"""
