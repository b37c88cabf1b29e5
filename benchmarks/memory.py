"""Measure the memory of all that `./run` starts, from outside: at rest, after its first work, and after it was used.

PSS: what a process has for itself, and its share of what it shares. Of a library that processes of other folders share
too, their share is not counted: run it on a machine where nothing else of this project runs.
"""

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.rig.environment import HOME
from secretary import env
from secretary.local.embedded.ports import random_free
from secretary.local.files import LocalFailure

READY_SECONDS = 300.0
PAGES = ("/", "/sign-up/", "/officials/login/", "/api/agencies/", "/healthz")  # those that 148511c knows too
VISITS = 40  # of each
# What a command line begins or ends with, for processes that do not have their name from ./run.
NAMES = {
    "secretary.local": "run",
    "sandbox": "sandbox",
    "secretary.preloaded": "service",
    "gunicorn": "web",
    "secretary.receiver": "receiver",
    "valkey-server": "valkey",
    "postgres": "postgres",
}


def measure(tree: Path, *, seconds: int) -> dict[str, Any]:
    """Start the `./run` of a tree in a fresh folder, and look at it after so many seconds, in which it reads its first
    files and sends its first notices. Open pages, let agencies push what they have, wait as long, and look again. Then
    start it a second time, where nothing is left to do: that is at rest."""
    var = HOME / "memory"
    shutil.rmtree(var, ignore_errors=True)
    with _running(tree, var) as (process, url):
        time.sleep(seconds)
        first = _by_name(process, var)
        _use(tree, url, var)
        time.sleep(seconds)
        used = _by_name(process, var)
    with _running(tree, var) as (process, _):
        time.sleep(seconds)
        rest = _by_name(process, var)
    shutil.rmtree(var, ignore_errors=True)
    looks = {"rest": rest, "first": first, "used": used}
    return {f"{name}_mb": round(sum(found.values())) for name, found in looks.items()} | looks


@contextmanager
def _running(tree: Path, var: Path) -> Iterator[tuple[int, str]]:
    """Run it with its data in `var`: the number of its first process, and where the web is."""
    var.mkdir(parents=True, exist_ok=True)
    for folder in (HOME, var):
        folder.chmod(0o755)  # the database's own user must get through
    port = random_free()
    command = [str(tree / ".venv" / "bin" / "python"), "-m", "secretary.local", "up", "--var", str(var)]
    command += ["--port", str(port), "--sandbox-port", str(random_free())]
    clean = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    printed = var / "printed"
    with printed.open("wb") as out:
        run = subprocess.Popen(command, cwd=tree, env=clean, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
    try:
        _wait_until_ready(run, printed)
        yield run.pid, f"http://127.0.0.1:{port}"
    finally:
        run.send_signal(signal.SIGTERM)
        run.wait()


def _wait_until_ready(run: "subprocess.Popen[bytes]", printed: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while "Ready in" not in printed.read_text(errors="replace"):
        if run.poll() is not None or time.monotonic() > end:
            raise LocalFailure(f"./run does not start: {printed.read_text(errors='replace')[-1000:]}")
        time.sleep(0.2)


def _use(tree: Path, url: str, var: Path) -> None:
    """Visitors open pages; the police push records, of which notices are made and sent."""
    for _ in range(VISITS):
        for page in PAGES:
            with urllib.request.urlopen(url + page, timeout=30) as answer:
                answer.read()
    python, data = str(tree / ".venv" / "bin" / "python"), str(var / "sandbox")
    push = [python, "-m", "sandbox", "push", "--data", data, "--url", url]
    values = env.parse_lines((var / "local.env").read_text(encoding="utf-8").splitlines())
    subprocess.run(push, cwd=tree, env={**os.environ, **values}, check=True, stdout=subprocess.DEVNULL)


def _by_name(first: int, var: Path) -> dict[str, float]:
    """Megabytes of all processes of one ./run, by name; several of one name are added up."""
    servers = [var / "valkey" / "pid", *_postmaster(var)]
    found: dict[str, float] = {}
    for pid in _with_children([first, *(int(file.read_text().split()[0]) for file in servers)]):
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            name = _name(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        found[name] = found.get(name, 0.0) + int(re.findall(r"^Pss: +(\d+) kB", rollup, re.M)[0]) / 1024
    return {name: round(megabytes, 1) for name, megabytes in found.items()}


def _postmaster(var: Path) -> list[Path]:
    """Return its file of the server; of a folder elsewhere where its user may not enter ours."""
    place = var / "postgres" / "place"
    homes = [var / "postgres"] + ([Path(place.read_text().strip())] if place.exists() else [])
    return [file for home in homes if (file := home / "data" / "postmaster.pid").exists()]


def _with_children(pids: list[int]) -> Iterator[int]:
    for pid in pids:
        yield pid
        with_threads = Path(f"/proc/{pid}/task")
        listed = [path.read_text() for path in with_threads.glob("*/children")]
        yield from _with_children([int(child) for line in listed for child in line.split()])


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    given = Path(f"/proc/{pid}/comm").read_text().strip()
    hostnames = [word.partition("@")[0] for word in words if word.endswith("@%h")]
    if "celery" in words:
        return hostnames[0] if hostnames else "beat"
    if "secretary.preloaded" in words:
        return "service" if given.startswith("python") else given
    return next((name for part, name in NAMES.items() if any(part in word for word in words[:4])), given)
