"""The last release's code on this code's schema: during a deployment, and after one that is taken back, it works on."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from benchmarks.migrations import RELEASED
from tests.plugin import ROOT, RUNS

pytestmark = pytest.mark.slow
RELEASE = "148511c"  # whose last migrations are benchmarks.migrations.RELEASED
# Its own tests of what it does while a deployment lasts: people sign up and pay, records come, notices go out.
TESTS = (
    *("tests/subscriptions/test_sign_up.py", "tests/subscriptions/web/test_sign_up_pages.py"),
    *("tests/subscriptions/web/test_settings_pages.py", "tests/subscriptions/web/test_official_pages.py"),
    *("tests/subscriptions/test_withdraw.py", "tests/subscriptions/test_people.py"),
    *("tests/notifications/test_push.py", "tests/notifications/test_ingest.py", "tests/notifications/test_match.py"),
    *("tests/notifications/test_deliver.py", "tests/notifications/test_receipts.py"),
    *("tests/notifications/test_receipt_store.py", "tests/notifications/test_sweep.py"),
    *("tests/payments/web/test_way_of_a_fine.py", "tests/payments/test_confirm_payment.py"),
    *("tests/payments/test_post_to_agency.py", "tests/payments/test_refunds.py", "tests/payments/test_reconcile.py"),
    *("tests/secretary/common/test_audit.py", "tests/secretary/ops/test_health.py"),
)
# What a new schema is meant to do otherwise than these tests say: test → why old code is none the worse for it.
MEANT: dict[str, str] = {
    "tests/secretary/common/test_audit.py::test_each_event_is_chained_to_the_one_before": (
        "the old code's lines wait in the queue of the new schema, and the new code seals them (docs/adr/0013)"
    ),
}
SECONDS = 900


@pytest.fixture(scope="module")
def old() -> Iterator[Path]:
    """Its tree, where the database's user can reach it."""
    found = subprocess.run(["git", "cat-file", "-e", f"{RELEASE}^{{commit}}"], cwd=ROOT, capture_output=True)
    if found.returncode:
        pytest.skip(f"the commit {RELEASE} is not in this clone: git fetch --unshallow")
    RUNS.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="old-", dir=RUNS))
    folder.chmod(0o755)
    try:
        with subprocess.Popen(["git", "archive", RELEASE], cwd=ROOT, stdout=subprocess.PIPE) as archive:
            subprocess.run(["tar", "-x", "-C", folder], stdin=archive.stdout, check=True)
        shutil.copy(ROOT / "tests" / "support" / "new_schema.py", folder / "new_schema.py")
        subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)  # its tests ask which files are its own
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def migrated() -> Iterator[str]:
    """The address of a database with this code's schema, as the tables' owner: the old code knows one role."""
    name = f"migrated_{os.getpid()}"
    server = urlunsplit(urlsplit(os.environ["DATABASE_OWNER_URL"])._replace(path="/postgres"))
    with closing(psycopg2.connect(server)) as ours, ours.cursor() as cursor:
        ours.autocommit = True
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
            run(ROOT, "manage.py", "migrate", "--verbosity", "0", DATABASE_URL=url)
            yield url
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(folder: Path, *arguments: str, **environment: str) -> str:
    """What it wrote to its standard output."""
    left_out = ("PYTEST_", "DATABASE_OWNER_URL")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env={**ours, **environment},
        capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def test_the_migrations_that_count_as_released_are_those_of_the_release(old: Path) -> None:
    for app, name in RELEASED.items():
        folder = old / ("secretary/common" if app == "common" else app) / "migrations"
        assert max(path.stem for path in folder.glob("0*.py")) == name


def test_the_old_codes_own_tests_pass_on_the_new_schema(old: Path) -> None:
    meant = [word for test in MEANT for word in ("--deselect", test)]
    environment = {"NEW_CODE": str(ROOT), "PYTHONPATH": str(old)}
    run(old, "-m", "pytest", "-p", "new_schema", *meant, *TESTS, **environment)


def test_the_old_code_does_its_main_job_on_the_new_schema(old: Path, migrated: str, tmp_path: Path) -> None:
    """Sample people sign up, records are ingested and matched, notices are delivered, receipts come back."""
    command = ("-m", "secretary.local", "up", "--once", "--json", "--citizens", "100", "--var", str(tmp_path))
    printed: dict[str, Any] = json.loads(run(old, *command, DATABASE_URL=migrated).splitlines()[-1])
    assert printed["notices"]["made"] > 0
    for channel, counts in printed["channels"].items():
        assert counts["sent"] == counts["delivered"] + counts["failed"], (channel, counts)
    again: dict[str, Any] = json.loads(run(old, *command, DATABASE_URL=migrated).splitlines()[-1])
    assert again["notices"]["made"] == 0
