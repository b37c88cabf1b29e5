"""A worker of ./run has a second process while there is work for it, and one at rest."""

import os
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from celery.worker import state

from secretary import second_process
from secretary.celery import app
from secretary.local import commands
from secretary.second_process import LOOK_SECONDS, PATIENCE_SECONDS, REST_SECONDS, SecondProcess
from tests.plugin import ROOT
from tests.secretary.local.test_supervisor import eventually
from tests.secretary.test_worker_stops import SEND

SCHEDULED, WORK = "notifications.sweep", "notifications.deliver"


class Pool:
    num_processes = 1

    def grow(self, number: int) -> None:
        self.num_processes += number

    def shrink(self, number: int) -> None:
        self.num_processes -= number

    def maintain_pool(self) -> None:
        pass


@dataclass(eq=False)
class Request:
    name: str


class Worker:
    """What Celery's worker does with the autoscaler: its event loop, and a clock that the test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hub, self.seconds, self.later = self, 1000.0, list[tuple[float, Any]]()
        self.pool, self._requests = Pool(), set[Any]()
        monkeypatch.setattr(second_process, "monotonic", lambda: self.seconds)
        monkeypatch.setattr(state, "reserved_requests", self._requests)
        self._scaler = SecondProcess(self.pool, 2, 1, worker=self, mutex=None)

    def call_later(self, seconds: float, call: Any) -> None:
        self.later.append((self.seconds + seconds, call))

    def receive(self, name: str) -> Any:
        request = Request(name)
        self._requests.add(request)
        self._scaler.maybe_scale(request)
        return request

    def finish(self, *requests: Any) -> None:
        self._requests.difference_update(requests)

    def wait(self, seconds: float) -> int:
        """Let so long pass; return the number of processes then."""
        end = self.seconds + seconds
        while self.seconds < end:
            self.seconds = min(end, self.seconds + min(LOOK_SECONDS, PATIENCE_SECONDS / 2))
            due = [call for at, call in self.later if at <= self.seconds]
            self.later = [(at, call) for at, call in self.later if at > self.seconds]
            for call in (*due, self._scaler.maybe_scale):
                call()
        return self.pool.num_processes


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    return Worker(monkeypatch)


def test_workers_use_it() -> None:
    module, _, name = app.conf.worker_autoscaler.partition(":")
    assert getattr(import_module(module), name) is SecondProcess


def test_work_that_would_wait_gets_a_second_process_at_once(worker: Worker) -> None:
    worker.receive(WORK)
    assert worker.pool.num_processes == 1
    worker.receive(SCHEDULED)
    assert worker.pool.num_processes == 2


def test_scheduled_tasks_that_end_soon_share_one(worker: Worker) -> None:
    for _ in range(20):
        both = [worker.receive(SCHEDULED), worker.receive(SCHEDULED)]
        assert worker.wait(PATIENCE_SECONDS * 0.75) == 1
        worker.finish(*both)
        assert worker.wait(15.0) == 1


def test_scheduled_tasks_that_take_long_get_one_each(worker: Worker) -> None:
    worker.receive(SCHEDULED)
    worker.receive(SCHEDULED)
    assert worker.wait(PATIENCE_SECONDS / 2) == 1
    assert worker.wait(PATIENCE_SECONDS) == 2


def test_the_second_process_ends_at_rest_and_not_while_a_task_is_there(worker: Worker) -> None:
    first, second = worker.receive(WORK), worker.receive(WORK)
    worker.finish(second)
    assert worker.wait(REST_SECONDS + LOOK_SECONDS) == 2
    worker.finish(first)
    assert worker.wait(LOOK_SECONDS) == 1


def test_it_stays_while_work_comes(worker: Worker) -> None:
    for _ in range(10):
        both = [worker.receive(WORK), worker.receive(WORK)]
        worker.finish(*both)
        assert worker.wait(REST_SECONDS * 0.9) == 2
    assert worker.wait(REST_SECONDS) == 1


@pytest.mark.usefixtures("broker")
def test_a_real_worker_begins_with_two_tasks_that_both_last(tmp_path: Path) -> None:
    command = commands.worker("two", queues="notices", one_at_rest=True)
    command = [word if word != "secretary" else "tests.secretary.one_held_task" for word in command]
    environment = {**os.environ, "HELD_TASKS": str(tmp_path)}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as worker:
        try:
            for number in ("1", "2"):
                subprocess.run([sys.executable, "-c", SEND, number], cwd=ROOT, env=environment, check=True)
            eventually(lambda: (tmp_path / "began-1").exists() and (tmp_path / "began-2").exists())
            (tmp_path / "let-go").touch()
            worker.terminate()
            assert worker.wait(timeout=300) == 0
        finally:
            worker.kill()
    assert (tmp_path / "done-1").exists() and (tmp_path / "done-2").exists()
