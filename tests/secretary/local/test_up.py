"""The servers that ./run accepts as its own: those that know the token of this start, and nothing else that answers."""

import io
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from secretary.local import environment
from secretary.local.embedded import ports
from secretary.local.files import LocalFailure
from secretary.local.logs import Log
from secretary.local.options import Options
from secretary.local.supervisor import Supervisor
from secretary.local.up import STARTED_BY, _Run
from tests.secretary.local.test_supervisor import SLEEPS, python

TOKEN = "of-this-start"


@contextmanager
def stranger(status: int = 200, token: str = "") -> Iterator[int]:
    """Another server of this machine; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            if token:
                self.send_header("x-run", token)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    made = Supervisor({**os.environ, STARTED_BY: TOKEN}, Log(io.StringIO()))
    yield made
    made.stop(seconds=0)


@pytest.fixture
def run(tmp_path: Path) -> _Run:
    flags = {"once": True, "json": False, "hours": False, "reload": False}
    options = Options(**flags, citizens=1, now="", port=0, sandbox_port=0, var=tmp_path)
    return _Run(options, Log(io.StringIO()), ExitStack())


@pytest.mark.parametrize(("status", "token"), [(200, ""), (404, ""), (302, ""), (500, ""), (200, "of-another-start")])
def test_a_child_that_ended_is_not_ready_because_another_server_answers(
    run: _Run, supervisor: Supervisor, status: int, token: str
) -> None:
    """As gunicorn ends when another server has bound the port between the look and its own bind."""
    child = supervisor.start("web", python("raise SystemExit(1)"))
    with (
        stranger(status, token) as port,
        pytest.raises(LocalFailure, match=f"web: another server has port {port}: stop it, or .* --port"),
    ):
        run._wait_for(supervisor, child, port, "--port")


def test_who_knows_the_token_is_ours(run: _Run, supervisor: Supervisor) -> None:
    child = supervisor.start("web", python(SLEEPS))
    with stranger(token=TOKEN) as port:
        run._wait_for(supervisor, child, port, "--port")


def test_where_no_other_server_answers_the_childs_own_end_is_the_failure(run: _Run, supervisor: Supervisor) -> None:
    child = supervisor.start("web", python("raise SystemExit(1)"))
    with pytest.raises(LocalFailure, match="web does not start; its last lines are above"):
        run._wait_for(supervisor, child, ports.random_free(), "--port")


def test_a_port_that_was_drawn_is_not_drawn_again_before_its_server_has_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = ports.random_free()
    assert ports.is_free(drawn)
    monkeypatch.setattr(ports, "OWN", [drawn])
    with pytest.raises(StopIteration):
        ports.random_free()
    draw = f"from secretary.local.embedded import ports; ports.OWN = [{drawn}]; print(ports.random_free())"
    other = subprocess.run([sys.executable, "-c", draw], capture_output=True, text=True, timeout=300)
    assert other.stdout == "" and other.stderr.rstrip().endswith("StopIteration"), other


def test_every_start_has_its_own_token() -> None:
    assert environment.run_token() != environment.run_token()
