"""Machines whose clock is off: Fault matrix 13 (its days: tests/notifications/intake/test_calendar.py)."""

import os
import re
import subprocess
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest
from django.db import connection

from secretary.local import commands
from secretary.local.embedded.ports import random_free
from tests.faults.rig.balance import assert_balanced
from tests.faults.rig.service import WORKERS, Service, fine
from tests.plugin import ROOT

WRONG = str(Path(__file__).parent / "wrong_clock")


def off(seconds: int) -> dict[str, str]:
    """The environment of a machine whose clock is so far ahead."""
    return {"PYTHONPATH": WRONG, "CLOCK_OFF": str(seconds)}


ENTRIES: dict[str, Callable[[Path], list[str]]] = {
    "worker": lambda _: commands.worker("off", queues="urgent"),
    "beat": lambda folder: commands.beat(folder / "schedule"),
    "web": lambda _: commands.web(random_free()),
    "receiver": lambda _: commands.receiver(random_free()),
}


def start(entry: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a process that should end by itself."""
    env = {**os.environ, "DATABASE_URL": database_url(), **environment}
    command = ENTRIES[entry](folder)
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)


def database_url() -> str:
    where = connection.settings_dict
    return f"postgresql://{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}/{where['NAME']}"


@pytest.mark.django_db
@pytest.mark.parametrize(("entry", "seconds"), [*zip(ENTRIES, cycle([300, -300]), strict=False)])
def test_no_process_starts_with_a_clock_that_is_off(entry: str, seconds: int, tmp_path: Path) -> None:
    ended = start(entry, tmp_path, **off(seconds))
    assert ended.returncode != 0
    says = [line for line in (ended.stderr + ended.stdout).splitlines() if "off the database's" in line]
    assert len(says) == 1
    notified = re.search(r"clock of this machine is ([+-]\d+) s off the database's", says[0])
    assert notified is not None and int(notified[1]) == pytest.approx(
        seconds, abs=60
    )  # a process takes a while to start


@pytest.mark.faults
@pytest.mark.parametrize(("first", "second"), [(0, -3600), (3600, 0)], ids=["an hour behind", "an hour ahead"])
def test_what_one_worker_puts_off_another_takes_up_whatever_their_clocks_say(
    service_without_workers: Service, first: int, second: int
) -> None:
    """The first worker puts retries off, the second must find them due. Neither would start with the real tolerance."""
    service = service_without_workers
    service.sandbox.fault("any", "rate_limit", retry_after=1)
    service.start(*WORKERS, CLOCK_TOLERANCE_SECONDS="7200", **off(first))
    service.push([fine(each, 3 * each) for each in range(60)])  # by KakaoTalk: Solapi refuses a date that is off
    service.wait_until(lambda: service.rows("SELECT 1 FROM notifications_delivery WHERE state = 'returned'") != [])
    service.kill(*WORKERS)
    service.sandbox.clear_faults()
    service.start(*WORKERS, CLOCK_TOLERANCE_SECONDS="7200", **off(second))
    service.wait_until_finished(60)
    service.kill(*WORKERS)
    assert_balanced(service, committed=60)
