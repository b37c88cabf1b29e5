"""Environment of a test run: a database and a broker of its own, and no network but the loopback.

pyproject.toml loads this plugin with -p, before pytest-django reads the settings. It knows nothing of them.
"""

import atexit
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from secretary.local.embedded import servers
from tests.support import compiled_once, leftovers

ROOT = Path(__file__).resolve().parent.parent
RUNS = ROOT / "var" / "tests"  # one folder per run
DEAD_PROXY = "http://127.0.0.1:9"  # for libcurl and requests, which open sockets out of Python's sight
LOCAL_NAMES = (None, "", "localhost", b"localhost", "localhost.localdomain", "ip6-localhost")

_at_the_end = ExitStack()
_owner = os.getpid()


class NetworkBlocked(RuntimeError):
    """A test reached for the world outside. No OSError: nothing may take it for an ordinary failure."""


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, _interrupt)
        atexit.register(_end)  # where pytest does not come as far as to be configured
        _forget_settings_of_this_machine()
        _start_servers()
    else:  # a broker database of its own; pytest-django does the same for PostgreSQL
        os.environ["REDIS_URL"] = re.sub(r"/\d+$", f"/{int(worker[2:]) + 1}", os.environ["REDIS_URL"])
    sys.addaudithook(_refuse_the_world)
    yield


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screens", type=Path, help="save a screenshot of every page that tests/browser looks at, there")
    parser.addoption(
        "--every-display", action="store_true", help="look at those pages at all widths, sizes and contrasts"
    )
    parser.addoption("--seed", type=int, default=1, help="of the faults that tests/faults/test_monkey.py draws by lot")
    parser.addoption("--minutes", type=float, default=0.1, help="for how long it draws them")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("PYTEST_XDIST_WORKER") is None:
        base = config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        leftovers.remember_temporary(Path(os.environ[leftovers.MARK]), base)


def pytest_unconfigure() -> None:
    _end()


def _end() -> None:
    """What this run started ends; a second signal does not come between. A process that was forked off ends alone."""
    if _owner == os.getpid():
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, _ignore)
        _at_the_end.close()


def _interrupt(number: int, frame: FrameType | None) -> None:
    """SIGTERM ends a run as Ctrl-C does: fixtures are torn down, what was started is ended."""
    if _owner != os.getpid():  # forked off
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    signal.signal(signal.SIGTERM, _ignore)  # ./test sends it after a Ctrl-C that has come here as well
    raise KeyboardInterrupt


def _ignore(number: int, frame: FrameType | None) -> None:
    """No SIG_IGN: programs that are started now would inherit it."""


def _forget_settings_of_this_machine() -> None:
    """Tests see the defaults, whatever this shell or var/local.env say."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name in re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", example, re.M):
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    os.environ.update(LOCAL_ENV="off", HTTP_PROXY=DEAD_PROXY, HTTPS_PROXY=DEAD_PROXY, ALL_PROXY=DEAD_PROXY)
    os.environ.update(http_proxy=DEAD_PROXY, https_proxy=DEAD_PROXY, all_proxy=DEAD_PROXY)
    os.environ.update(NO_PROXY="127.0.0.1,localhost,::1", no_proxy="127.0.0.1,localhost,::1")


def _start_servers() -> None:
    compiled_once.look(ROOT / "tests")
    leftovers.sweep(RUNS)
    folder = _at_the_end.enter_context(leftovers.folder_of_its_own(RUNS))
    _at_the_end.callback(leftovers.end, folder)
    os.environ[leftovers.MARK] = str(folder)
    started = servers.start(folder, durable=False)
    os.environ.update(DATABASE_URL=started.database_url, REDIS_URL=started.redis_url)
    os.environ["DATABASE_OWNER_URL"] = started.owner_url  # makes and migrates the test databases; tests are `app`


def _refuse_the_world(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not _is_local(host):
        raise NetworkBlocked(f"{event} {host!r}: tests reach nothing but the loopback")


def _is_local(host: str | bytes | None) -> bool:
    if host in LOCAL_NAMES:
        return True
    try:
        address = ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
