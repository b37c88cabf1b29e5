"""The whole line on real processes, counted and never timed: how much of database and broker a notice takes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.rig.environment import TEMPLATE
from tests.support.prepared_database import another_copy

ROOT = Path(__file__).resolve().parents[2]
NOTICES = 8000  # batches fill: what starts and ends a run is not a notice's


@pytest.fixture(scope="module")
def counted(django_db_setup: None) -> dict[str, float]:
    """The benchmark's report of one run against this test run's own database server and broker, with its tables."""
    command = [sys.executable, "-m", "benchmarks", "pipeline", "--size", str(NOTICES), "--json"]
    with another_copy("for_the_benchmark"):
        environment = {**os.environ, TEMPLATE: "for_the_benchmark"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    report: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return report


def test_a_notice_takes_a_twentieth_of_a_statement(counted: dict[str, float]) -> None:
    assert 0 < counted["sql_statements_per_1000"] <= 50


def test_a_notice_takes_a_hundredth_of_a_task(counted: dict[str, float]) -> None:
    assert 0 < counted["tasks_per_1000"] <= 10


def test_every_notice_is_delivered_and_none_is_sent_twice(counted: dict[str, float]) -> None:
    gateway = counted["gateway"]
    assert gateway["twice"] == 0  # type: ignore[index]
    assert gateway["accepted"] == gateway["acknowledged"] == sum(counted["states"].values())  # type: ignore[attr-defined, index]
    assert set(counted["states"]) == {"delivered"}  # type: ignore[call-overload]
