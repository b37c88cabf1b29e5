"""manage.py tell: everything that one record would ever say, without a trace."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from notifications.models import Notice, Record
from secretary.common.models import AuditEvent
from subscriptions.models import Citizen

pytestmark = pytest.mark.django_db
FINE = (
    *(
        "--set",
        "violation=제한속도 위반",
        "--set",
        "violated_at=2026-07-10T14:05:00+09:00",
        "--set",
        "place=세종대로 사거리",
    ),
    *("--set", "vehicle=00가0000", "--set", "amount=40000", "--set", "reduced_amount=32000"),
    *("--set", "reduction_ends_on=2026-08-15", "--set", "due_on=2026-10-14"),
)


@pytest.fixture(autouse=True)
def _catalogue(db: None) -> None:
    call_command("load_catalogue", stdout=StringIO(), stderr=StringIO())


def told(*options: str) -> list[dict[str, object]]:
    out = StringIO()
    call_command("tell", "traffic_fine", "--arrives", "2026-07-20T10:00", "--json", *options, stdout=out)
    return json.loads(out.getvalue())


def test_it_says_all_that_a_fine_would_say_in_every_channel_and_language_and_leaves_nothing() -> None:
    messages = told(*FINE)
    assert {(item["channel"], item["language"]) for item in messages} == {
        (channel, language) for channel in ("sms", "kakaotalk", "naver", "toss") for language in ("ko", "en")
    }
    days = [(item["stage"], item["on"]) for item in messages if (item["channel"], item["language"]) == ("sms", "ko")]
    assert days == [
        ("issued", "2026-07-20"),
        ("reduction_ends", "2026-08-15"),
        ("due_soon", "2026-10-11"),
        ("overdue", "2026-10-15"),
    ]
    assert not Record.objects.exists() and not Notice.objects.exists() and not Citizen.objects.exists()
    assert not AuditEvent.objects.filter(action="citizen.signed_up").exists()


def test_amounts_are_those_of_the_tariff_at_that_moment() -> None:
    messages = [item for item in told(*FINE) if item["channel"] == "sms" and item["language"] == "ko"]
    assert [item["amount"] for item in messages] == [32000, 32000, 40000, 41200]


def test_a_record_that_is_refused_exits_with_two_and_names_the_field(capsys: pytest.CaptureFixture[str]) -> None:
    errors = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command(
            "tell", "traffic_fine", "--arrives", "2026-07-20T10:00", *FINE, "--set", "amount=-1", stderr=errors
        )
    assert stopped.value.code == 2
    assert "amount" in errors.getvalue()


def test_an_unknown_data_type_is_named_with_those_that_there_are() -> None:
    with pytest.raises(CommandError, match="traffic_fine"):
        call_command("tell", "nothing", "--arrives", "2026-07-20T10:00")


def test_a_field_that_the_kind_does_not_have_is_named_too() -> None:
    errors = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("tell", "traffic_fine", "--arrives", "2026-07-20T10:00", *FINE, "--set", "amuont=1", stderr=errors)
    assert stopped.value.code == 2
    assert "amuont" in errors.getvalue()


@pytest.mark.parametrize(
    ("was", "state", "stage"),
    [
        ("open", "paid", "paid"),
        ("open", "objected", "objected"),
        ("open", "withdrawn", "cancelled"),
        ("paid", "open", "reopened"),
        ("objected", "withdrawn", "cancelled"),
    ],
)
def test_what_they_were_told_before_is_followed_by_what_holds_now(was: str, state: str, stage: str) -> None:
    messages = told(*FINE, "--was", was, "--state", state, "--until", "2026-07-20")
    assert [item["stage"] for item in messages] == [stage] * 8
    if state == "open":
        assert {item["amount"] for item in messages} == {32000}
    assert told(*FINE, "--state", "paid") == []  # they were told nothing, so there is nothing to end
