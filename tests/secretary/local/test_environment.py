"""The environment of the children of ./run."""

from pathlib import Path

import pytest

from secretary import env
from secretary.local import environment


def test_secrets_are_made_once(tmp_path: Path) -> None:
    first = environment.kept_secrets(tmp_path / "local.env")
    environment.write_local(tmp_path / "local.env", first)
    assert environment.kept_secrets(tmp_path / "local.env") == first
    assert environment.kept_secrets(tmp_path / "other.env") != first


def test_the_secrets_are_ones_that_the_settings_take(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in environment.kept_secrets(tmp_path / "local.env").items():
        monkeypatch.setenv(name, value)
    assert [len(key) for key in env.keys("FIELD_KEYS").values()] == [32]
    assert (len(env.key("INDEX_KEY")), len(env.key("CHECK_CODE_KEY"))) == (32, 32)
    assert len(env.text("SECRET_KEY")) >= 50


def test_what_the_person_has_set_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TWILIO_FROM", "+15005550006")
    monkeypatch.setenv("INDEX_KEY_FILE", str(tmp_path / "key"))
    notified = environment.for_children({"TWILIO_FROM": "+15005550000", "INDEX_KEY": "ours", "SANDBOX_URL": "http://x"})
    assert (notified["TWILIO_FROM"], notified["SANDBOX_URL"]) == ("+15005550006", "http://x")
    assert "INDEX_KEY" not in notified


@pytest.mark.parametrize(
    ("named", "embedded"),
    [
        ({}, {"postgres", "valkey"}),
        ({"DATABASE_URL": "postgresql://a@b/c"}, {"valkey"}),
        ({"DATABASE_URL": "postgresql://a@b/c", "REDIS_URL": "redis://b"}, set()),
    ],
)
def test_servers_that_the_environment_names_are_not_embedded(
    monkeypatch: pytest.MonkeyPatch, named: dict[str, str], embedded: set[str]
) -> None:
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    assert environment.embedded_servers() == embedded


def test_the_sandbox_is_asked_where_it_is(tmp_path: Path) -> None:
    notified = environment.addresses(environment.Ports(web=1, sandbox=2, sandbox_tls=3, receiver=4), tmp_path)
    assert notified["PUBLIC_BASE_URL"] == "http://127.0.0.1:1"
    assert notified["NHN_BASE_URL"] == "http://127.0.0.1:2"
    assert notified["APPS_IN_TOSS_BASE_URL"] == "https://127.0.0.1:3"
    assert Path(notified["APPS_IN_TOSS_CERT"]).is_file()


def test_who_runs_all_day_does_not_get_the_owner_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    values = {"DATABASE_URL": "postgresql://app@a/b", "DATABASE_OWNER_URL": "postgresql://owner@a/b"}
    assert "DATABASE_OWNER_URL" not in environment.for_children(values)
    assert environment.for_owner(values) == {"DATABASE_OWNER_URL": "postgresql://owner@a/b"}
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://theirs@a/b")
    assert "DATABASE_OWNER_URL" not in environment.for_children(values)
    assert environment.for_owner(values) == {"DATABASE_OWNER_URL": "postgresql://theirs@a/b"}
