"""`./run` itself, with everything it starts: the main job, again on the same data, then the service."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from secretary import env
from secretary.local.embedded import ports, servers
from secretary.local.embedded.postgres import DATABASE, Postgres
from secretary.local.files import locked
from tests.faults.rig.balance import GATEWAYS, own_id
from tests.plugin import ROOT, RUNS
from tests.support.leftovers import folder_of_its_own
from tests.support.migrated_tables import bring

TUESDAY = "2026-03-10T10:00:00+09:00"  # within the hours in which anything may be sent
STATES = {"delivered": "delivered", "failed": "failed", "unconfirmed": "failed"}  # the messages's words → ours
COUNTS = ("delivered", "failed", "unknown", "waiting")
SECONDS = 1800  # whatever else this machine does


@pytest.fixture(scope="module", params=["with tables", pytest.param("empty", marks=pytest.mark.slow)])
def var(request: pytest.FixtureRequest, django_db_setup: None) -> Iterator[Path]:
    """One folder for the whole file, as a machine has one: the later tests find what the first has made.

    The database's user can reach it, and it is swept as a test run's folder if this run is killed. To begin with it has
    nothing, or a database with only the tables that migrations have made, which is most of a first start.
    """
    with folder_of_its_own(RUNS) as folder:
        if request.param == "with tables":
            servers.start(folder, only=frozenset({"postgres"}))
            assert bring(DATABASE, Postgres(folder / "postgres"))
            servers.stop(folder)
        yield folder
        servers.stop(folder)
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def first(var: Path) -> dict[str, Any]:
    return once(var)


def test_every_data_type_and_every_channel_has_its_notices(first: dict[str, Any]) -> None:
    assert len(first["data_types"]) == 8 and all(first["data_types"].values())
    assert set(first["channels"]) == set(GATEWAYS)
    assert all(counts["sent"] and counts["delivered"] for counts in first["channels"].values())
    assert sum(first["data_types"].values()) == first["notices"]["made"]
    assert first["records"]["read"] > 0


def test_the_counts_of_every_channel_add_up(first: dict[str, Any]) -> None:
    for channel, counts in first["channels"].items():
        assert counts["sent"] == sum(counts[name] for name in COUNTS), channel
        assert counts["unknown"] == counts["waiting"] == 0, channel


def test_the_gateways_messages_agree_message_by_message(first: dict[str, Any], var: Path) -> None:
    with closing(sqlite3.connect(var / "sandbox" / "sandbox.sqlite3")) as theirs:
        rows = theirs.execute("SELECT reference, gateway, vendor_id, outcome FROM messages").fetchall()
    references = [reference for reference, *_ in rows if reference]
    assert len(references) == len(set(references))
    messages = {(gateway, vendor_id): STATES[outcome] for _, gateway, vendor_id, outcome in rows}
    ours = deliveries(var)
    assert messages == {(GATEWAYS[channel], own_id(vendor_id, channel)): state for channel, vendor_id, state in ours}
    assert len(messages) == len(rows) == len(ours) == sum(counts["sent"] for counts in first["channels"].values())


def test_no_other_account_can_read_the_secrets(first: dict[str, Any], var: Path) -> None:
    assert (var / "local.env").stat().st_mode & 0o077 == 0


def test_a_second_run_makes_no_notice_keeps_the_secrets_and_leaves_no_process(first: dict[str, Any], var: Path) -> None:
    before = kept(var)
    again = once(var)
    assert again["notices"]["made"] == 0
    assert again["records"]["new"] == 0
    assert kept(var) == before
    assert left_over(var) == []


def test_up_serves_until_ctrl_c_and_stops_cleanly(var: Path) -> None:
    with running(var) as (process, output):
        address = next(line.split()[-1] for line in output.splitlines() if line.startswith("The service"))
        with urllib.request.urlopen(f"{address}/healthz", timeout=60) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=SECONDS) == 0
    assert left_over(var) == []


def test_a_second_one_on_the_same_folder_is_refused_in_one_line(var: Path) -> None:
    with locked(var / "up.lock", busy="the test before left something running"):
        output = subprocess.run(command(var), cwd=ROOT, env=clean(), capture_output=True, text=True, timeout=SECONDS)
    assert output.returncode == 1
    assert output.stderr.count("\n") == 1
    assert "another ./run uses this folder" in output.stderr


def command(var: Path, *more: str) -> list[str]:
    where = ["--var", str(var), "--port", str(ports.random_free()), "--sandbox-port", str(ports.random_free())]
    return [str(ROOT / "run"), "--citizens", "200", *where, *more]


def once(var: Path) -> dict[str, Any]:
    asked = command(var, "--once", "--json", "--now", TUESDAY)
    done = subprocess.run(asked, cwd=ROOT, env=clean(), capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("\n") == 1, "standard output holds the JSON and nothing else"
    output: dict[str, Any] = json.loads(done.stdout)
    return output


def clean() -> dict[str, str]:
    """The environment of a person who has set nothing."""
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def kept(var: Path) -> list[str]:
    values = env.parse_lines((var / "local.env").read_text().splitlines())
    return [values[name] for name in ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", "CHECK_CODE_KEY")]


def deliveries(var: Path) -> list[Any]:
    """Those that a gateway has taken: channel, the gateway's id, state."""
    database = servers.start(var, only=frozenset({"postgres"})).owner_url
    try:
        with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT channel, vendor_id, state FROM notifications_delivery WHERE vendor_id <> ''")
            return cursor.fetchall()
    finally:
        servers.stop(var)


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
    """Processes that the folder's runs have left, after a moment for the last to go."""
    end = time.monotonic() + 300
    while (found := processes_of(var)) and time.monotonic() < end:
        time.sleep(0.1)
    return found


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
