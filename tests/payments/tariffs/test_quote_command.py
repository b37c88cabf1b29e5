"""`manage.py quote`. No test here may use the database: pytest-django refuses it, and the command needs none."""

import json
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError

from payments.management.commands.quote import Command

FINE = ("traffic_fine", "--principal", "40000", "--notice-ends", "2026-03-02", "--due", "2026-04-02")
PENALTY = ("traffic_penalty", "--principal", "40000", "--notified-on", "2026-03-02")


def quoted(*words: str) -> str:
    out = StringIO()
    call_command("quote", *words, stdout=out)
    return out.getvalue()


def answered(*words: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(quoted(*words, "--json"))
    return answer


def test_a_fine_is_quoted_for_programs() -> None:
    answer = answered(*FINE, "--on", "2026-05-10")
    assert answer["amount"] == 41680
    assert [(step["code"], step["amount"]) for step in answer["steps"]] == [
        ("principal", 40000),
        ("late", 1200),
        ("monthly", 480),
    ]
    assert set(answer["steps"][0]) == {"code", "what", "what_ko", "article", "amount"}
    assert answer["next_change"] == {"on": "2026-06-03", "amount": 42160}
    assert answer["after_next"] == {"on": "2026-07-03", "amount": 42640}


def test_a_penalty_is_quoted_for_programs() -> None:
    answer = answered(*PENALTY, "--on", "2026-03-13")
    assert (answer["amount"], answer["next_change"]) == (48000, {"on": "2026-04-02", "amount": 60000})
    assert answer["after_next"] is None


def test_the_last_amount_has_no_next_change() -> None:
    answer = answered(*PENALTY, "--on", "2026-04-02")
    assert (answer["amount"], answer["next_change"], answer["after_next"]) == (60000, None, None)


def test_the_end_of_the_procedure_is_notified() -> None:
    assert answered(*FINE, "--on", "2026-03-03")["ends_procedure"] is True
    assert "cannot object afterwards" in quoted(*FINE, "--on", "2026-03-03")


def test_the_agencys_figure_wins_and_the_difference_is_flagged() -> None:
    answer = answered(*FINE, "--on", "2026-05-10", "--agency-amount", "41200")
    assert (answer["amount"], answer["by_law"], answer["differs"]) == (41200, 41680, True)
    assert answer["differences"] == [{"what": "amount", "agency": "41200", "by_law": "41680"}]


def test_people_get_plain_lines() -> None:
    assert quoted(*FINE, "--on", "2026-05-10").splitlines() == [
        "Traffic fine (교통과태료) on 2026-05-10: 41,680 won",
        "     +40,000  Fine (질서위반행위규제법 §17①)",
        "      +1,200  3% for paying late (질서위반행위규제법 §24①)",
        "        +480  1.2% a month, 1 passed (질서위반행위규제법 §24②)",
        "From 2026-06-03: 42,160 won",
        "From 2026-07-03: 42,640 won",
    ]


def test_people_read_when_nothing_changes_any_more_and_where_the_agency_differs() -> None:
    lines = quoted(*PENALTY, "--on", "2026-04-02", "--agency-amount", "59000").splitlines()
    assert "No later change is known." in lines
    assert "DIFFERS: amount: the agency says 59000, by law 60000" in lines


def test_today_is_the_day_in_korea() -> None:
    with time_machine.travel("2026-03-12T15:00:00+00:00", tick=False):  # midnight in Korea
        assert answered(*PENALTY)["on"] == "2026-03-13"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "TARIFF"),
        (("tax",), "choose from 'traffic_fine', 'traffic_penalty'"),
        (("traffic_fine",), r"missing: principal \(manage.py quote traffic_fine --help\)"),
        (("traffic_fine", "--principal", "4e4"), "a whole number"),
        (("traffic_fine", "--principal", "-40000"), "a whole number"),
        ((*FINE, "--on", "2026-02-30"), "on: a day that exists"),
        (("traffic_penalty", "--principal", "40000"), "notified_on: needed"),
        ((*PENALTY, "--on", "2026-03-01"), "nothing is due before 2026-03-02"),
    ],
)
def test_mistakes_are_named(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        quoted(*words)


def test_no_system_check_is_awaited() -> None:
    assert Command.requires_system_checks == []
