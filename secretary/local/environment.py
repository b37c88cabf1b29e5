"""Build the environment of all that ./run starts, and var/local.env, which keeps it for a second terminal."""

import base64
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from secretary import env
from secretary.local.files import LocalFailure, write_private

ROOT = Path(__file__).resolve().parents[2]
OWNER_URL = "DATABASE_OWNER_URL"  # no process that runs all day gets it: it may change and drop tables
HEADER = "# Written by ./run, for manage.py in a second terminal. The data here need these keys: keep them."


@dataclass(frozen=True, slots=True)
class Ports:
    web: int
    sandbox: int
    sandbox_tls: int
    receiver: int


def new_secrets() -> dict[str, str]:
    """Return what this installation's data are encrypted and signed with; made once, on the first start."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": f"k1:{_key()}",
        "INDEX_KEY": _key(),
        "CHECK_CODE_KEY": _key(),
    }


def kept_secrets(file: Path) -> dict[str, str]:
    """Return the secrets in `file`, and new ones for those that are not in it."""
    kept = env.parse_lines(file.read_text(encoding="utf-8").splitlines()) if file.exists() else {}
    return {name: kept.get(name, value) for name, value in new_secrets().items()}


def write_local(file: Path, values: Mapping[str, str]) -> None:
    """Keep `values` for `secretary.env.load_local`; readable for the owner only."""
    write_private(file, "\n".join([HEADER, *(f"{name}={value}" for name, value in values.items())]))


def run_token() -> str:
    """By which this start knows its own servers from others on their ports."""
    return secrets.token_hex(16)


def embedded_servers() -> frozenset[str]:
    """Return the servers that the environment does not name: those we start ourselves."""
    urls = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
    return frozenset(server for server, name in urls.items() if not env.text(name, ""))


# A demonstration is watched at all hours, in all parts of the world; only ./run --hours keeps Korea's quiet ones.
ANY_HOUR = {"DAY_STARTS": "00:00", "DAY_ENDS": "00:00"}


def addresses(ports: Ports, var: Path) -> dict[str, str]:
    """Return where the parts of one machine find each other."""
    return {
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{ports.web}",
        "CALLBACK_BASE_URL": f"http://127.0.0.1:{ports.receiver}",
        "FILE_DROP_ROOT": str(var / "sandbox" / "drop"),
        **sandbox_addresses(ports, var),
    }


def sandbox_command(action: str, var: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "sandbox", action, "--data", str(var / "sandbox"), *options]


def sandbox_ports(ports: Ports) -> list[str]:
    return ["--port", str(ports.sandbox), "--tls-port", str(ports.sandbox_tls)]


def sandbox_addresses(ports: Ports, var: Path) -> dict[str, str]:
    """Return the variables that point the product at the sandbox, as the sandbox prints them. Raises LocalFailure."""
    command = sandbox_command("credentials", var, *sandbox_ports(ports))
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, stdin=subprocess.DEVNULL, timeout=180)
    if done.returncode:
        raise LocalFailure(f"the sandbox does not print its addresses: {done.stderr.strip()[-500:]}")
    return env.parse_lines(done.stdout.splitlines())


def for_children(values: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a child: what the person has set, also as NAME_FILE, wins over `values`."""
    theirs = {name: value for name, value in os.environ.items() if value}
    ours = {name: value for name, value in values.items() if f"{name}_FILE" not in theirs}
    settings = {"DJANGO_SETTINGS_MODULE": "secretary.settings", "PYTHONUNBUFFERED": "1", "LOCAL_ENV": "off"}
    direct = {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
    owners = (OWNER_URL, f"{OWNER_URL}_FILE")
    return {name: value for name, value in {**settings, **ours, **theirs, **direct}.items() if name not in owners}


def for_owner(values: Mapping[str, str]) -> dict[str, str]:
    """Return what the one command gets besides that migrates; nothing where one role does everything."""
    theirs = {name: os.environ[name] for name in (OWNER_URL, f"{OWNER_URL}_FILE") if os.environ.get(name)}
    return theirs or {name: value for name, value in values.items() if name == OWNER_URL}


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
