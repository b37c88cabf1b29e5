"""`./run --once --json`: the main job from nothing, in one command, and again on the same data."""

import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from secretary.local import servers
from secretary.local.files import locked
from tests.faults.balance import GATEWAYS, own_id
from tests.plugin import ROOT, RUNS

TUESDAY = "2026-03-10T10:00:00+09:00"  # within the hours in which anything may be sent
STATES = {"delivered": "delivered", "failed": "failed", "unconfirmed": "failed"}  # the ledger's words → ours
COUNTS = ("delivered", "failed", "unknown", "waiting")


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """A folder that the database's user can reach; it is swept as a test run's folder if this run is killed."""
    RUNS.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=RUNS))
    folder.chmod(0o755)
    with locked(folder / "alive"):
        yield folder
        servers.stop(folder)
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def first(var: Path) -> dict[str, Any]:
    return run_once(var)


def run_once(var: Path) -> dict[str, Any]:
    unset = ("DATABASE_URL", "REDIS_URL", "LOCAL_ENV", "DJANGO_SETTINGS_MODULE")
    done = subprocess.run(
        [ROOT / "run", "--once", "--citizens", "200", "--json", "--now", TUESDAY, "--var", var],
        env={name: value for name, value in os.environ.items() if name not in unset},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("\n") == 1, "standard output holds the JSON and nothing else"
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_every_data_type_and_every_channel_has_its_notices(first: dict[str, Any]) -> None:
    assert len(first["data_types"]) == 8 and all(first["data_types"].values())
    assert set(first["channels"]) == set(GATEWAYS) and all(counts["sent"] for counts in first["channels"].values())
    assert sum(first["data_types"].values()) == first["notices"]["made"]
    assert first["records"]["read"] > 0


def test_the_counts_of_every_channel_add_up(first: dict[str, Any]) -> None:
    for channel, counts in first["channels"].items():
        assert counts["sent"] == sum(counts[name] for name in COUNTS), channel
        assert counts["unknown"] == counts["waiting"] == 0, channel


def test_the_gateways_ledger_agrees_message_by_message(first: dict[str, Any], var: Path) -> None:
    with closing(sqlite3.connect(var / "sandbox" / "sandbox.sqlite3")) as theirs:
        rows = theirs.execute("SELECT reference, gateway, vendor_id, outcome FROM messages").fetchall()
    references = [reference for reference, *_ in rows if reference]
    assert len(references) == len(set(references))
    ledger = {(gateway, vendor_id): STATES[outcome] for _, gateway, vendor_id, outcome in rows}
    ours = deliveries(var)
    assert ledger == {(GATEWAYS[channel], own_id(vendor_id, channel)): state for channel, vendor_id, state in ours}
    assert len(ledger) == len(rows) == len(ours) == sum(counts["sent"] for counts in first["channels"].values())


def deliveries(var: Path) -> list[Any]:
    """Those that a gateway has taken: channel, the gateway's id, state."""
    database = servers.start(var, only=frozenset({"postgres"})).database_url
    try:
        with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT channel, vendor_id, state FROM notifications_delivery WHERE vendor_id <> ''")
            return cursor.fetchall()
    finally:
        servers.stop(var)


def test_a_second_run_makes_no_notice_and_leaves_no_process(first: dict[str, Any], var: Path) -> None:
    again = run_once(var)
    assert again["notices"]["made"] == 0
    assert again["records"]["new"] == 0
    assert processes_of(var) == []


def processes_of(var: Path) -> list[str]:
    """Command lines that name the folder, and whatever has its environment from it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        if str(var) in command or str(var).encode() in environment:
            found.append(command)
    return found
