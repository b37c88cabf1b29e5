"""Reading the environment, and `.env.example` telling all of it."""

import ast
import base64
import os
import re
import subprocess
import sys
from datetime import time, timedelta
from pathlib import Path

import pytest

from notifications.channels import registry
from payments.providers import registry as payments
from secretary import env

ROOT = Path(__file__).resolve().parents[2]
KEY = base64.b64encode(b"a" * 32).decode()


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("THING", "THING_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_empty_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", " ")
    assert env.text("THING", "default") == "default"


def test_a_required_variable_that_is_missing_is_named() -> None:
    with pytest.raises(env.Misconfigured, match=r"THING is not set; see \.env\.example"):
        env.text("THING")


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden\n")
    monkeypatch.setenv("THING_FILE", str(tmp_path / "secret"))
    assert env.text("THING") == "hidden"
    assert env.prefixed("THI") == {"THING": "hidden"}


def test_a_secret_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THING_FILE", str(tmp_path / "none"))
    with pytest.raises(env.Misconfigured, match="THING_FILE names a file that cannot be read"):
        env.text("THING", "default")


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("Yes", True), ("off", False), ("FALSE", False)])
def test_booleans(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("THING", value)
    assert env.boolean("THING", not expected) is expected


@pytest.mark.parametrize("value", ["maybe", "2"])
def test_a_boolean_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("THING", value)
    with pytest.raises(env.Misconfigured, match="write one of 1, true"):
        env.boolean("THING", True)


def test_numbers_times_and_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.integer("THING", 5) == 5
    assert env.minutes("THING", 2) == timedelta(minutes=2)
    assert env.clock_time("THING", "09:00") == time(9)
    monkeypatch.setenv("THING", " a, b ,,")
    assert env.listing("THING") == ["a", "b"]
    for read in (lambda: env.integer("THING", 1), lambda: env.number("THING", 1), lambda: env.clock_time("THING", "")):
        with pytest.raises(env.Misconfigured, match="THING is 'a, b ,,'"):
            read()


SETTINGS = [ROOT / "secretary" / "settings.py", *sorted((ROOT / "secretary" / "setting_groups").glob("*.py"))]
NUMBERS = {
    f"{module.stem}.{call.args[0].value}": call  # type: ignore[str-bytes-safe]
    for module in SETTINGS
    for call in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    if isinstance(call, ast.Call) and ast.unparse(call.func) in ("env.integer", "env.number", "env.minutes")
    if isinstance(call.args[0], ast.Constant)
}


def read_with(call: ast.Call, value: str, monkeypatch: pytest.MonkeyPatch) -> object:
    assert isinstance(call.args[0], ast.Constant)
    monkeypatch.setenv(str(call.args[0].value), value)
    return eval(ast.unparse(call), {"env": env, "ENVIRONMENT": "production"})


def test_numeric_settings_are_found() -> None:
    assert len(NUMBERS) > 80
    zero = {name.partition(".")[2] for name, call in NUMBERS.items() if call.keywords}
    assert zero == {  # of these .env.example states what 0 means
        *("TRUSTED_PROXIES", "APPROVER_WAIT_HOURS", "KAKAOTALK_VALUE_CHARS", "STAGE_GRACE_DAYS", "CONN_MAX_AGE"),
        *("HTTP_PATIENCE_SECONDS", "WEB_STATEMENT_SECONDS", "WEB_LOCK_SECONDS", "WORKER_STATEMENT_SECONDS"),
        *("WORKER_LOCK_SECONDS", "IDLE_IN_TRANSACTION_SECONDS", "FEED_STRANGERS_ALARM"),
        *("CALM_GATHER_SECONDS", "PAYMENT_FULL_CHECK_WON", "KEEP_WITHDRAWN_DAYS", "AUTOPILOT_AFTER_SECONDS"),
    }


@pytest.mark.parametrize("setting", sorted(NUMBERS))
def test_a_number_that_means_nothing_stops_the_start_and_is_named(
    setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, name = NUMBERS[setting], setting.partition(".")[2]
    for value in ("-1", "nan", "inf", "-0.5", *([] if call.keywords else ["0"])):
        with pytest.raises(env.Misconfigured, match=f"{name} is '{value}': write a .*number"):
            read_with(call, value, monkeypatch)
    assert read_with(call, "1", monkeypatch) in (1, timedelta(minutes=1))


def test_identity_codes_of_no_seconds_or_tries_stop_the_start() -> None:
    for name, value in (("IDENTITY_CODE_SECONDS", "0"), ("IDENTITY_CODE_TRIES", "-5")):
        words = [sys.executable, "manage.py", "check"]
        started = subprocess.run(
            words, cwd=ROOT, env={**os.environ, name: value}, capture_output=True, text=True, timeout=600
        )
        assert started.returncode
        assert f"{name} is '{value}': write a whole number of at least 1; see .env.example" in started.stderr


@pytest.mark.parametrize("value", ["0", "1,-3", "1;3", "1.5", "x", "99999"])
def test_whole_numbers_that_are_none_are_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("THING", value)
    with pytest.raises(env.Misconfigured, match='THING must be whole numbers from 1 on like "1,3,7", or "none"'):
        env.whole_numbers("THING", "1")


def test_whole_numbers_are_sorted_and_none_is_an_empty_list(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.whole_numbers("THING", "3,1,3") == [1, 3]
    monkeypatch.setenv("THING", "none")
    assert env.whole_numbers("THING", "3") == []


def test_keys_by_id_the_current_one_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", f"k2:{KEY}, k1:{KEY}")
    assert list(env.keys("THING").items()) == [("k2", b"a" * 32), ("k1", b"a" * 32)]
    assert env.keys("OTHER_THING", "") == {}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("k1:????", "is not base64"),
        ("k1:YWJj", "has 3 bytes, not 32"),
        (f"k1:{KEY},k1:{KEY}", "each id once"),
        (KEY, "must look like"),
    ],
)
def test_unusable_keys_are_refused_without_being_shown(
    monkeypatch: pytest.MonkeyPatch, value: str, problem: str
) -> None:
    monkeypatch.setenv("THING", value)
    with pytest.raises(env.Misconfigured, match=problem) as raised:
        env.keys("THING")
    assert value not in str(raised.value)


def test_a_database_url() -> None:
    database = env.database("THING", "postgresql://a%40b:p%2Fw@db.example:5433/name?sslmode=require")
    assert database == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "name",
        "USER": "a@b",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize("url", ["mysql://a@b/c", "postgresql://a@b", "nonsense", "postgresql://a@b:port/c"])
def test_other_database_urls_are_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("THING", url)
    with pytest.raises(env.Misconfigured):
        env.database("THING")


def test_local_values_fill_only_what_is_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "local.env").write_text("# comment\nTHING=from file\nOTHER_THING=a=b\n")
    monkeypatch.setenv("THING", "set")
    monkeypatch.setenv("OTHER_THING", "removed again when the test ends")
    monkeypatch.delenv("OTHER_THING")
    monkeypatch.delenv("LOCAL_ENV", raising=False)
    env.load_local(tmp_path / "local.env")
    assert (env.text("THING"), env.text("OTHER_THING")) == ("set", "a=b")


def test_local_values_are_not_read_in_production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "local.env").write_text("THING=from file\n")
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.delenv("LOCAL_ENV", raising=False)
    env.load_local(tmp_path / "local.env")
    assert env.text("THING", "") == ""


def test_the_example_names_every_variable_of_the_settings_and_the_adapters() -> None:
    settings = "".join(module.read_text(encoding="utf-8") for module in SETTINGS)
    read = set(re.findall(r"(?:env\.(?!prefixed)\w+|_days)\(\s*\"([A-Z_]+)\"", settings))
    read |= {item.name for module in registry.adapters() for item in registry.env_names(module)}
    read |= {item.name for module in payments.providers() for item in payments.env_names(module)}
    assert read <= set(example()), f"missing in .env.example: {sorted(read - set(example()))}"


def test_the_example_names_no_variable_twice() -> None:
    assert len(example()) == len(set(example()))


def example() -> list[str]:
    return re.findall(r"^# ([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M)


@pytest.mark.parametrize("value", ["knpa", "knpa:", "knpa:x", "knpa:1.55", "knpa:-1", "knpa:1.6", "knpa:1,knpa:1"])
def test_a_share_that_is_none_or_above_the_law_is_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PAYMENT_CARD_FEES", value)
    with pytest.raises(env.Misconfigured, match="PAYMENT_CARD_FEES"):
        env.thousandths("PAYMENT_CARD_FEES", most=15)


def test_shares_are_thousandths(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.thousandths("PAYMENT_CARD_FEES", most=15) == {}
    monkeypatch.setenv("PAYMENT_CARD_FEES", "knpa:1.5, nhis:0")
    assert env.thousandths("PAYMENT_CARD_FEES", most=15) == {"knpa": 15, "nhis": 0}
