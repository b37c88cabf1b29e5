"""Make "hosts" of this machine: network namespaces with an address each, joined by a bridge to the root's. Needs root.

Database, broker and gateway are at `ROOT`, the root's address; what runs on a host reaches them only through its wire.
"""

import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from secretary.local.embedded.ports import LOOPBACK
from secretary.local.embedded.postgres import Postgres
from secretary.local.files import LocalFailure

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # past any proxy of this machine
NETWORK, ROOT, BRIDGE = "10.77.0.0/24", "10.77.0.1", "secretary-bench"
NAMES = ("a", "b")


class Reachable(Postgres):
    """The embedded database, listening on the bridge as well."""

    def open_to_hosts(self) -> None:
        """Start it anew on both addresses."""
        self.stop()
        rule = f"host all all {NETWORK} scram-sha-256\nhost replication all {NETWORK} scram-sha-256\n"
        file = self.data / "pg_hba.conf"
        if rule not in file.read_text():
            file.write_text(file.read_text() + rule)
        self.start()

    def _options(self) -> str:
        return super()._options().replace(f"-h {LOOPBACK}", f"-h {LOOPBACK},{ROOT}")


@contextmanager
def hosts() -> Iterator[Sequence[str]]:
    """Yield the hosts' names. Raises LocalFailure where this machine allows no namespaces."""
    _remove()
    try:
        _ip(f"link add {BRIDGE} type bridge", f"addr add {ROOT}/24 dev {BRIDGE}", f"link set {BRIDGE} up")
        for name in NAMES:
            _ip(
                f"netns add {_space(name)}",
                f"link add secb-{name} type veth peer name eth0 netns {_space(name)}",
                f"link set secb-{name} master {BRIDGE} up",
                f"-n {_space(name)} addr add {address(name)}/24 dev eth0",
                f"-n {_space(name)} link set eth0 up",
                f"-n {_space(name)} link set lo up",
            )
        yield NAMES
    finally:
        _remove()


def address(name: str) -> str:
    return f"10.77.0.{11 + NAMES.index(name)}"


def on(name: str, command: Sequence[str]) -> list[str]:
    """Return the command as it is run on that host."""
    return ["ip", "netns", "exec", _space(name), *command]


def to_the_root(url: str) -> str:
    """Return the address of a server on the loopback as a host finds it."""
    return url.replace(f"@{LOOPBACK}:", f"@{ROOT}:").replace(f"//{LOOPBACK}:", f"//{ROOT}:")


def wait_for(url: str, *, seconds: float = 60.0) -> None:
    """Wait until the address answers, whatever it says. Raises LocalFailure."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError):
            try:
                DIRECT.open(url, timeout=5).close()
            except urllib.error.HTTPError as error:
                error.close()
            return
        time.sleep(0.1)
    raise LocalFailure(f"{url} does not answer")


def _space(name: str) -> str:
    return f"{BRIDGE}-{name}"


def _ip(*lines: str) -> None:
    for line in lines:
        done = subprocess.run(["ip", *line.split()], capture_output=True, text=True)
        if done.returncode:
            raise LocalFailure(f"`ip {line}`: {done.stderr.strip()} (namespaces need root)")


def _remove() -> None:
    for line in (*(f"netns del {_space(name)}" for name in NAMES), f"link del {BRIDGE}"):
        subprocess.run(["ip", *line.split()], capture_output=True)
