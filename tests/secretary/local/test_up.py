"""`./run` itself, with everything it starts."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from secretary import env
from secretary.local import ports, servers
from secretary.local.files import locked

ROOT = Path(__file__).resolve().parents[3]
CITIZENS = "60"
SECONDS = 240


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One folder for the whole file, as a machine has one: the later tests find what the first has made."""
    folder = tmp_path_factory.mktemp("var")
    for parent in (folder, folder.parent):
        parent.chmod(0o755)
    yield folder
    servers.stop(folder)


def test_once_does_the_whole_job_and_says_so_in_one_json_object(var: Path) -> None:
    report = once(var)
    assert len(report["data_types"]) == 8
    for channel, counts in report["channels"].items():
        assert counts["delivered"] > 0, channel
        assert counts["sent"] == sum(counts[state] for state in ("delivered", "failed", "unknown", "waiting"))


def test_once_again_makes_no_notice_and_keeps_the_secrets(var: Path) -> None:
    before = kept(var)
    assert once(var)["notices"]["made"] == 0
    assert kept(var) == before


def test_nothing_is_left_running(var: Path) -> None:
    assert left_over(var) == []


def test_nobody_else_can_read_the_secrets(var: Path) -> None:
    assert (var / "local.env").stat().st_mode & 0o077 == 0


def test_up_serves_until_ctrl_c_and_stops_cleanly(var: Path) -> None:
    with running(var) as (process, said):
        address = next(line.split()[-1] for line in said.splitlines() if line.startswith("The service"))
        with urllib.request.urlopen(f"{address}/healthz", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
    assert left_over(var) == []


def test_a_second_one_on_the_same_folder_is_refused_in_one_line(var: Path) -> None:
    with locked(var / "up.lock", busy="the test before left something running"):
        said = subprocess.run(command(var), cwd=ROOT, env=clean(), capture_output=True, text=True)
    assert said.returncode == 1
    assert said.stderr.count("\n") == 1
    assert "another ./run uses this folder" in said.stderr


def command(var: Path, *more: str) -> list[str]:
    where = ["--var", str(var), "--port", str(ports.random_free()), "--sandbox-port", str(ports.random_free())]
    return [sys.executable, "-m", "secretary.local", "up", "--citizens", CITIZENS, *where, *more]


def once(var: Path) -> dict[str, Any]:
    said = subprocess.run(
        command(var, "--once", "--json"), cwd=ROOT, env=clean(), capture_output=True, text=True, timeout=SECONDS
    )
    assert said.returncode == 0, said.stderr[-3000:]
    (line,) = said.stdout.splitlines()
    report: dict[str, Any] = json.loads(line)
    return report


def kept(var: Path) -> list[str]:
    values = env.parse_lines((var / "local.env").read_text().splitlines())
    return [values[name] for name in ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", "CHECK_CODE_KEY")]


def clean() -> dict[str, str]:
    """The environment of a person who has set nothing."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


@contextmanager
def running(var: Path) -> "Iterator[tuple[subprocess.Popen[bytes], str]]":
    """`./run` when it is ready, with what it has printed until then."""
    out = var / "printed"
    with out.open("wb") as file, subprocess.Popen(command(var), cwd=ROOT, env=clean(), stdout=file) as process:
        try:
            while "Ready in" not in out.read_text():
                assert process.poll() is None, out.read_text()
                time.sleep(0.1)
            yield process, out.read_text()
        finally:
            process.terminate()


def left_over(var: Path) -> list[str]:
    """Command lines of processes that name the folder, after a moment for the last to go."""
    end = time.monotonic() + 10
    while (found := processes_of(var)) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def processes_of(var: Path) -> list[str]:
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout.splitlines()
    return [line for line in listed if str(var) in line]
