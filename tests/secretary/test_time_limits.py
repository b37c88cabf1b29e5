"""Each kind of process sets time-outs in the database; a request that meets one is asked to retry."""

import os
import subprocess
import sys
import time
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from notifications.matching.match import await_claims
from secretary import env
from secretary.kernel.database.outage import is_outage
from tests.plugin import ROOT

SHOW = """
from django.db import connection
with connection.cursor() as cursor:
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        cursor.execute(f"SHOW {name}")
        print(*cursor.fetchone())
"""
DJANGO = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'secretary.settings'; django.setup()"
BROWSER = {"accept": "text/html,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("entry", "limits"),
    [
        ("import secretary.wsgi", "5s 3s 15s"),
        ("import secretary.receiver", "5s 3s 15s"),
        (f"import secretary.celery; {DJANGO}", "1min 10s 15s"),
        (DJANGO, "0 0 0"),
    ],
)
def test_limits_are_those_of_the_kind_of_process(entry: str, limits: str) -> None:
    assert asked(entry) == limits.split()


def test_documented_variables_change_the_limits() -> None:
    changed = {"WEB_STATEMENT_SECONDS": "7", "WEB_LOCK_SECONDS": "0.5", "IDLE_IN_TRANSACTION_SECONDS": "0"}
    assert asked("import secretary.wsgi", **changed) == ["7s", "500ms", "0"]
    changed = {"WORKER_STATEMENT_SECONDS": "9", "WORKER_LOCK_SECONDS": "2"}
    assert asked(f"import secretary.celery; {DJANGO}", **changed) == ["9s", "2s", "15s"]


def asked(entry: str, **changed: str) -> list[str]:
    """The time-outs that PostgreSQL shows to a process of that kind."""
    environment = {**os.environ, **changed}
    command = [sys.executable, "-W", "ignore", "-c", f"{entry}\n{SHOW}"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.split()


def test_options_of_the_address_come_last_and_win() -> None:
    theirs = {"sslmode": "require", "options": "-c statement_timeout=9000"}
    assert env.limited(theirs, statement=5, lock=0, idle=15) == {
        "sslmode": "require",
        "options": "-c statement_timeout=5000 -c idle_in_transaction_session_timeout=15000 -c statement_timeout=9000",
    }
    assert env.limited(theirs, statement=0, lock=0, idle=0) == theirs


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_lock_too_long_gets_a_page_that_says_so(owner: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 50")
    owner.execute("BEGIN; LOCK TABLE django_session")
    client = Client(raise_request_exception=False)
    client.cookies["session"] = "a" * 32
    page = client.get("/settings/", headers=BROWSER)
    data = client.get("/settings/")
    owner.execute("ROLLBACK")
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "지금은 처리가 밀려 있습니다" in page.content.decode() and "We are busy" in page.content.decode()
    assert (data.status_code, data["Retry-After"], data.json()["code"]) == (503, "5", "busy")
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_was_silent_too_long_is_an_outage_and_its_locks_are_free(owner: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 50")
    with pytest.raises(Exception) as raised, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE common_tick IN ROW EXCLUSIVE MODE")
        time.sleep(0.3)  # as a frozen process is silent
        cursor.execute("SELECT 1")
    assert is_outage(raised.value)
    owner.execute("SET lock_timeout = 60000; BEGIN; LOCK TABLE common_tick; COMMIT")


@pytest.mark.django_db
def test_matching_leaves_the_limit_of_its_connection_as_it_was() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '10s'")
        await_claims(cursor)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("10s",)
