"""Children that are forks of the process that has loaded the service, with the real one."""

import io
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from secretary.local import commands, forks
from secretary.local.embedded.ports import random_free, who_answers
from secretary.local.logs import Log
from secretary.local.supervisor import Child, Supervisor
from secretary.local.up import STARTED_BY
from tests.secretary.local.test_supervisor import SLEEPS, alive, eventually

pytestmark = pytest.mark.skipif(not forks.POSSIBLE, reason="processes are forked on Linux only")
TOKEN = "of-this-start"
SHOWS = [
    sys.executable,
    "-W",
    "ignore:unimportant",
    "-m",
    "celery",
    "--app",
    "tests.secretary.local.shows",
    "report",
]


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(output: io.StringIO) -> Iterator[Supervisor]:
    made = Supervisor({**os.environ, STARTED_BY: TOKEN, "PYTHONUNBUFFERED": "1"}, Log(output))
    yield made
    made.stop(seconds=0)


def test_a_fork_is_a_child_like_any_other(supervisor: Supervisor, output: io.StringIO) -> None:
    """It has its name, its output, its settings, its end; killed, it starts again, also with its parent."""
    supervisor.preload()
    port = random_free()
    receiver = supervisor.start("receiver", commands.receiver(port), forked=True)
    supervisor.wait_until(receiver, lambda: who_answers(port) == TOKEN, seconds=300)
    pid, parent = _pid(receiver), _parent(_pid(receiver))
    assert Path(f"/proc/{pid}/comm").read_text() == "receiver\n"
    assert os.getsid(pid) == pid  # Ctrl-C reaches only the supervisor
    opened = {os.readlink(link) for link in Path(f"/proc/{parent}/fd").iterdir()}
    assert len([link for link in opened if link.startswith("socket:")]) == 1, opened  # the supervisor's alone
    assert len(list(Path(f"/proc/{parent}/task").iterdir())) == 1  # a thread would be in no fork

    report = supervisor.start("report", SHOWS, forked=True)
    assert report.process is not None
    assert (_parent(report.process.pid), report.process.wait(300)) == (parent, 0)
    eventually(lambda: "report   | limits: " in output.getvalue())
    assert "statement_timeout=60000" in output.getvalue()  # a worker's
    supervisor.children.remove(report)

    os.kill(pid, signal.SIGKILL)
    _look_until(supervisor, lambda: receiver.start_at is not None)
    assert "receiver | ended with -9; starts again in 1 s" in output.getvalue()
    _look_until(supervisor, lambda: receiver.start_at is None and who_answers(port) == TOKEN)
    assert _parent(_pid(receiver)) == parent

    pid = _pid(receiver)
    os.kill(parent, signal.SIGKILL)
    _look_until(supervisor, lambda: receiver.start_at is not None and not alive(pid))
    _look_until(supervisor, lambda: receiver.start_at is None and who_answers(port) == TOKEN)
    pid, parent = _pid(receiver), _parent(_pid(receiver))
    process = receiver.process
    supervisor.stop()
    assert process is not None
    assert process.returncode == 0  # it ended by itself
    assert not alive(pid)
    assert not alive(parent)


def test_what_cannot_be_loaded_is_a_child_that_ended(output: io.StringIO) -> None:
    supervisor = Supervisor({**os.environ, "DJANGO_SETTINGS_MODULE": "no_such_settings"}, Log(output))
    receiver = supervisor.start("receiver", commands.receiver(random_free()), forked=True)
    supervisor.look()
    assert receiver.start_at is not None
    eventually(lambda: "service  | ModuleNotFoundError: No module named 'no_such_settings'" in output.getvalue())
    supervisor.stop(seconds=0)


def test_a_fork_has_ended_where_its_parent_was_ended() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen([sys.executable, "-c", SLEEPS], text=True)
    parent = forks.Parent(process, ours, codes={process.pid: None})
    fork = forks.Fork(process.pid, None, parent)
    theirs.close()
    parent.end()
    assert fork.wait(0.0) == -signal.SIGTERM


def _pid(child: Child) -> int:
    assert child.process is not None
    return child.process.pid


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _look_until(supervisor: Supervisor, true: Callable[[], object]) -> None:
    eventually(lambda: (supervisor.look(), true())[1])  # type: ignore[func-returns-value]
