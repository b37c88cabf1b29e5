"""manage.py preview: every notice that one record would ever cause, without a trace."""

import json
import re
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from notifications.models import Notice, Record
from payments import preview
from secretary.kernel.models import AuditEvent
from subscriptions.models import Citizen
from tests.support.catalogue import SPECS

pytestmark = [pytest.mark.usefixtures("catalogue"), pytest.mark.django_db]
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


def statements(*options: str) -> list[dict[str, object]]:
    out = StringIO()
    call_command("preview", "traffic_fine", "--arrives", "2026-07-20T10:00", "--json", *options, stdout=out)
    return json.loads(out.getvalue())


def test_it_says_all_that_a_fine_would_say_in_every_channel_and_language_and_leaves_nothing() -> None:
    messages = statements(*FINE)
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
    messages = [item for item in statements(*FINE) if item["channel"] == "sms" and item["language"] == "ko"]
    assert [item["amount"] for item in messages] == [32000, 32000, 40000, 41200]


@pytest.mark.parametrize(("wrong", "named"), [("amount=-1", "amount"), ("amuont=1", "amuont")])
def test_a_record_that_is_refused_exits_with_two_and_names_the_field(wrong: str, named: str) -> None:
    errors = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("preview", "traffic_fine", "--arrives", "2026-07-20T10:00", *FINE, "--set", wrong, stderr=errors)
    assert stopped.value.code == 2
    assert named in errors.getvalue()


def test_a_field_that_is_missing_is_named_with_the_option_that_gives_it() -> None:
    errors = StringIO()
    with pytest.raises(SystemExit):
        call_command("preview", "traffic_fine", "--arrives", "2026-07-20T10:00", stderr=errors)
    assert "violation: missing (give it by --set violation=VALUE)" in errors.getvalue()


def test_no_notice_comes_with_the_reasons_there_can_be() -> None:
    out = StringIO()
    call_command("preview", "traffic_fine", "--arrives", "2026-07-20T10:00", *FINE, "--state", "completed", stdout=out)
    assert "No notice would be sent: no stage begins" in out.getvalue()
    assert "STAGE_GRACE_DAYS" in out.getvalue()


def test_an_unknown_data_type_is_named_with_those_that_there_are() -> None:
    with pytest.raises(CommandError, match="traffic_fine"):
        call_command("preview", "nothing", "--arrives", "2026-07-20T10:00")


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
def test_what_they_were_notified_of_before_is_followed_by_what_holds_now(was: str, state: str, stage: str) -> None:
    messages = statements(*FINE, "--was", was, "--state", state, "--until", "2026-07-20")
    assert [item["stage"] for item in messages] == [stage] * 8
    if state == "open":
        assert {item["amount"] for item in messages} == {32000}
    assert statements(*FINE, "--state", "paid") == []  # they were notified of nothing, so there is nothing to end


KINDS = {spec.code: spec for spec in SPECS}
STATES = ("open", "paid", "completed", "withdrawn", "objected")
SAYS_IT_IS_OVER = {"paid": "paid", "withdrawn": "cancelled", "objected": "objected"}


def of_kind(kind: str, *options: str) -> list[dict[str, object]]:
    """Of a record whose fields are the kind's own samples, but those by which something was paid."""
    spec, out = KINDS[kind], StringIO()
    reported = {
        each.name: each.sample for each in spec.fields if "paid" not in each.name and each.name != "objected_on"
    }
    sets = [word for name, value in reported.items() if value for word in ("--set", f"{name}={value}")]
    call_command("preview", kind, *sets, "--arrives", "2026-02-20T10:00", "--json", *options, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_in_every_state_says_what_it_may_and_in_json(kind: str, state: str) -> None:
    """Citizens who were notified of a debt are notified of its end, with no amount to pay; a past date causes
    nothing."""
    fresh, after = of_kind(kind, "--state", state), of_kind(kind, "--state", state, "--was", "open")
    for each in (*fresh, *after):
        assert set(each) == {"on", "stage", "channel", "language", "text", "amount"}
        assert each["text"] and (each["amount"] is None) == (
            not KINDS[kind].payable or state not in ("open", "objected")
        )
    if state == "open":
        assert fresh
    elif state != "completed":
        assert fresh == []
        assert {each["stage"] for each in after} <= {SAYS_IT_IS_OVER[state]}
        assert not KINDS[kind].payable or len(after) == 8


@pytest.mark.parametrize("event", ["opened", "imposed"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind].payable])
def test_a_debt_that_is_done_with_is_shown_with_nothing_to_pay(kind: str, event: str) -> None:
    assert of_kind(kind, "--state", "completed", "--event", event) == []


# Each day of half a year is matched: the kinds with the most triggers always, the others with the slow tests.
TRIGGERED = [
    pytest.param(kind, marks=[] if kind in ("traffic_fine", "vaccination") else pytest.mark.slow) for kind in KINDS
]


@pytest.mark.parametrize("kind", TRIGGERED)
def test_days_on_which_nothing_can_come_are_passed_over_and_nothing_with_them(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ("--until", "2026-07-31")
    some = [without_code(each) for each in of_kind(kind, *options)]
    every = frozenset(date(2026, 2, 20) + timedelta(days=number) for number in range(170))
    monkeypatch.setattr(preview, "_eventful", lambda *_: every)
    assert [without_code(each) for each in of_kind(kind, *options)] == some


def without_code(message: dict[str, object]) -> dict[str, object]:
    """Check codes are of the notice, and no notice has the number of another."""
    return {**message, "text": re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}(?![0-9A-Z])", "", str(message["text"]))}
