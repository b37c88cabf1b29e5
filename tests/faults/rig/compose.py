"""docker-compose.yml on a machine without Docker: its commands as processes, and a `docker` that ./deploy finds.

Every container has its own loopback; here they share one, so each process gets its own port as its private address.
"""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

from secretary.local.embedded.ports import LOOPBACK, random_free
from tests.faults.rig.service import LOOK_EVERY, PATIENCE, Service
from tests.plugin import ROOT

DEPLOYED = 1800.0  # seconds until ./deploy, whose steps have time-outs of their own, hangs
SOCKETS = ("listeners", "web_a", "web_b", "receiver")
# The `docker` that ./deploy runs: passes its command to the machine, and ends with the machine's exit code.
DOCKER = f"""#!{sys.executable}
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as machine:
    machine.connect(os.environ["MACHINE"])
    machine.sendall(json.dumps(sys.argv[1:]).encode() + b"\\n")
    sys.exit(int(machine.makefile().readline()))
"""


class Machine:
    """The services of docker-compose.yml that `service` does not start by itself, on its port."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service, self.folder = service, folder
        self.services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
        self.receiver_port = random_free()
        self.private = {name: random_free() for name in SOCKETS}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.release: dict[str, str] = {}  # what the environment of processes of the new release has besides
        self.steps: list[str] = []  # what ./deploy had done, in its order

    @property
    def environment(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}:{self.folder}:{os.environ['PATH']}"
        ours = {"PATH": path, "ALLOWED_HOSTS": "127.0.0.1", "MACHINE": str(self.folder / "machine")}
        return {**self.service.environment, **ours, **self.release}

    def command(self, name: str) -> list[str]:
        """Of a service, with this machine's ports and paths in place of the container's."""
        return [self._here(name, word) for word in shlex.split(self._with_place(self.services[name]["command"]))]

    def _with_place(self, command: str) -> str:
        for action in ("keep", "use"):
            asked = f"secretary.listeners {action}"
            command = command.replace(asked, f"{asked} --at {self.place}")
        return command

    def _here(self, name: str, word: str) -> str:
        word = word.replace("0.0.0.0:8000", f"127.0.0.1:{self.service.port}")
        word = word.replace("0.0.0.0:8001", f"127.0.0.1:{self.receiver_port}")
        for port in ("8000", "8001"):
            word = word.replace(f"127.0.0.1:{port}", f"127.0.0.1:{self.private[name]}") if name in SOCKETS else word
        return word

    @property
    def place(self) -> Path:
        return self.folder / "listeners"

    def pids(self) -> dict[str, int]:
        """Of everything that runs, by its service."""
        theirs = {name: process.pid for name, process in self.service.processes.items()}
        return theirs | {name: process.pid for name, process in self.processes.items()}

    # ── What docker compose does ─────────────────────────────────────────────────────────────────────────────
    def up(self, *names: str) -> None:
        """`docker compose up --detach --no-deps --wait`: stop and start anew, then wait until healthy."""
        for name in names:
            self._replace(name)
        for name in names:
            if name in SOCKETS:
                self._wait_until_healthy(name)

    def _replace(self, name: str) -> None:
        if name in self.service.processes:  # workers and beat: of the new release from now on
            self.service.stop(name)
            self.service.start(name, **self.release)
        elif name in SOCKETS:
            self.stop(name)
            with (self.service.folder / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    self.command(name), cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip

    def stop(self, name: str) -> None:
        """SIGTERM, and SIGKILL after what the service is given to stop."""
        process = self.processes.pop(name, None)
        if process is None:
            return
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(float(str(self.services[name].get("stop_grace_period", "10s")).removesuffix("s")))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _wait_until_healthy(self, name: str) -> None:
        end = time.monotonic() + PATIENCE
        while not self.is_healthy(name):
            reported = (self.service.folder / f"{name}.log").read_text()[-2000:]
            assert self.processes[name].poll() is None and time.monotonic() < end, f"{name}: {reported}"
            time.sleep(LOOK_EVERY)

    def is_healthy(self, name: str) -> bool:
        """By the service's own health check, run now where it accepts connections: it takes a Python of its own."""
        if name != "listeners" and not _listens(self.private[name]):
            return False
        _, *check = self.services[name]["healthcheck"]["test"]
        asked = [self._here(name, word).replace("/run/secretary/listeners", str(self.place)) for word in check]
        return subprocess.run(asked, env=self.environment, capture_output=True).returncode == 0

    def run(self, name: str) -> int:
        """`docker compose run --rm`: its exit code."""
        with (self.service.folder / f"{name}.log").open("ab") as log:
            command = self.command(name)
            return subprocess.run(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log).returncode

    # ── The command line ─────────────────────────────────────────────────────────────────────────────────────
    def deploy(self) -> None:
        """./deploy, in the environment of the release that the machine has now."""
        done = subprocess.run([ROOT / "deploy"], env=self.environment, capture_output=True, text=True, timeout=DEPLOYED)
        assert done.returncode == 0, done.stderr

    def obey(self, words: Sequence[str]) -> int:
        """One call of `docker`; its exit code."""
        assert words[0] == "compose", words
        self.steps.append(" ".join(words[1:]))
        match words[1:]:
            case ["build"]:
                return 0
            case ["run", "--rm", name]:
                return self.run(name)
            case ["up", "--detach", "--no-deps", "--wait", "--wait-timeout", _, *names]:
                self.up(*names)
                return 0
        raise AssertionError(f"docker {words}")


def _listens(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex((LOOPBACK, port)) == 0


@contextmanager
def machine(service: Service, folder: Path) -> Iterator[Machine]:
    """With a `docker` in its folder, everything started, and the whole of it gone afterwards."""
    made = Machine(service, folder)
    (folder / "docker").write_text(DOCKER)
    (folder / "docker").chmod(0o755)
    with socket.socket(socket.AF_UNIX) as asked:
        asked.bind(str(folder / "machine"))
        asked.listen()
        threading.Thread(target=_serve, args=(asked, made), daemon=True).start()
        try:
            made.up(*SOCKETS)
            yield made
        finally:
            asked.shutdown(socket.SHUT_RDWR)
            for name in reversed(SOCKETS):
                made.stop(name)


def _serve(asked: socket.socket, made: Machine) -> None:
    while True:
        try:
            notified, _ = asked.accept()
        except OSError:
            return
        with notified, notified.makefile("rw") as lines:
            words: Any = json.loads(lines.readline())
            try:
                code = made.obey(words)
            except AssertionError as error:
                made.steps.append(str(error))
                code = 1
            lines.write(f"{code}\n")
            lines.flush()
