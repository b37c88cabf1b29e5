"""manage.py preview on a machine where no database is given."""

import json
from pathlib import Path

import pytest

from secretary import env
from secretary.local.embedded import servers
from secretary.local.embedded.postgres import Postgres
from secretary.local.one_command import run_with_database, wants_a_database

FINE = (
    *("preview", "traffic_fine", "--arrives", "2026-07-20T10:00", "--until", "2026-07-21", "--json"),
    *("--set", "violation=제한속도 위반", "--set", "violated_at=2026-07-10T14:05:00+09:00", "--set", "place=세종대로"),
    *("--set", "vehicle=00가0000"),
)


@pytest.fixture
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_only_a_command_that_needs_one_wants_a_database(nothing_given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert wants_a_database(["preview", "traffic_fine"], var=tmp_path)
    assert not wants_a_database(["preview", "--help"], var=tmp_path)
    assert not wants_a_database(["migrate"], var=tmp_path) and not wants_a_database([], var=tmp_path)
    nothing_given.setenv("ENVIRONMENT", "production")
    assert not wants_a_database(["preview", "traffic_fine"], var=tmp_path)


def test_a_database_that_is_given_is_the_one(nothing_given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nothing_given.setenv("DATABASE_URL", "postgresql://app@db/secretary")
    assert not wants_a_database(["preview", "traffic_fine"], var=tmp_path)
    nothing_given.setattr(env, "loaded", {"DATABASE_URL"})  # where the last ./run had its own, which does not run now
    assert wants_a_database(["preview", "traffic_fine"], var=tmp_path)


@pytest.mark.slow
def test_the_embedded_one_is_started_filled_and_stopped(
    nothing_given: pytest.MonkeyPatch, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    nothing_given.setattr(env, "loaded", set())
    try:
        assert run_with_database([*FINE, "--set", "amount=40000"], var=folder) == 0
        notified = json.loads(capfd.readouterr().out)
        assert {(each["stage"], each["amount"]) for each in notified} == {("issued", 40000)} and len(notified) == 8
        assert not Postgres(folder / "postgres").answers()
        assert run_with_database([*FINE, "--set", "amount=-1"], var=folder) == 2
        assert "amount" in capfd.readouterr().err
    finally:
        servers.stop(folder)
