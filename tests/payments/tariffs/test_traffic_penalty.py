from datetime import date

import pytest

from payments.tariffs.contract import BadFacts, NotPayable, Quote
from payments.tariffs.ladder import from_values, quote, read
from payments.tariffs.traffic_penalty import TARIFF, Penalty
from tests.payments.tariffs import table
from tests.support.together import in_one_test

USUAL = {"principal": 40000, "notified_on": "2026-03-02"}
RECORD = {"amount": 60000, "first_due_on": "2026-03-12", "second_due_on": "2026-04-01", "second_amount": 72000}


def quoted(on: str, **facts: object) -> Quote:
    return read(TARIFF.ladder(from_values(Penalty, USUAL | facts)), on=date.fromisoformat(on))


@in_one_test("row", table.rows("traffic_penalty.csv"), ids=table.label)
def test_a_penalty_costs_what_the_law_says(row: dict[str, str]) -> None:
    found = quoted(row["on"], principal=row["principal"], notified_on=row["notified_on"])
    table.holds(row, found)


def test_two_changes_are_foreseen_and_then_none() -> None:
    assert quoted("2026-03-12").after_next == (date(2026, 4, 2), 60000)
    assert quoted("2026-03-13").after_next is None


def test_each_step_names_its_article() -> None:
    articles = [[step.article for step in quoted(on).steps][1:] for on in ("2026-03-12", "2026-03-13", "2026-04-02")]
    assert articles == [[], ["도로교통법 §164②"], ["도로교통법 §165"]]


def test_the_summary_trial_is_announced_with_the_last_amount() -> None:
    assert [note.code for note in quoted("2026-04-02").notes] == ["summary_trial"]


def test_nothing_is_due_before_the_notice() -> None:
    with pytest.raises(NotPayable, match="2026-03-02"):
        quoted("2026-03-01")


def test_after_the_judgment_the_courts_figure_is_due() -> None:
    assert quoted("2026-05-06", judged_on="2026-05-07").amount == 60000
    with pytest.raises(NotPayable, match="court"):
        quoted("2026-05-07", judged_on="2026-05-07")


@pytest.mark.parametrize(
    ("on", "amount"),
    [
        ("2026-02-20", 60000),
        ("2026-03-12", 60000),
        ("2026-03-13", 72000),
        ("2026-04-01", 72000),
        ("2026-04-02", 90000),
    ],
)
def test_a_record_with_the_agencys_deadlines_needs_no_day_of_receipt(on: str, amount: int) -> None:
    found = quote("traffic_penalty", RECORD, on=date.fromisoformat(on))
    assert (found.amount, found.differs) == (amount, False)


def test_the_agencys_deadlines_win_and_the_difference_shows() -> None:
    found = quoted("2026-03-14", first_due_on="2026-03-16", second_due_on="2026-04-06")
    assert found.amount == 40000
    assert found.next_change == (date(2026, 3, 17), 48000)
    assert [(item.what, item.agency, item.by_law) for item in found.differences] == [
        ("first_due_on", "2026-03-16", "2026-03-12")
    ]  # the second is 20 days after the agency's own first, off Sunday 5 April


def test_the_agencys_second_amount_wins_and_the_difference_shows() -> None:
    found = quote("traffic_penalty", RECORD | {"second_amount": 70000}, on=date(2026, 3, 13))
    assert (found.amount, found.by_law, found.differs) == (70000, 72000, True)
    before = quote("traffic_penalty", RECORD | {"second_amount": 70000}, on=date(2026, 3, 12))
    assert before.next_change == (date(2026, 3, 13), 70000)


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"principal": 0}, "principal"),
        ({"notified_on": ""}, "notified_on"),
        ({"notified_on": "9999-12-31"}, "9999"),
        ({"notified_on": "2011-12-08"}, "2011-12-09"),
        ({"first_due_on": "2026-02-27"}, "first_due_on"),
        ({"second_due_on": "2026-03-12"}, "second_due_on"),
        ({"second_amount": 39999}, "second_amount"),
        ({"judged_on": "2026-04-01"}, "judged_on"),
    ],
)
def test_facts_that_cannot_be_are_refused_by_name(facts: dict[str, object], named: str) -> None:
    with pytest.raises(BadFacts, match=named):
        quoted("2026-03-12", **facts)


@pytest.mark.parametrize("on", ["2026-03-10", "2026-06-10", "2030-01-01"])
def test_a_disputed_penalty_stands_still(on: str) -> None:
    quoted = {"amount": 60000, "first_due_on": "2026-03-12", "second_due_on": "2026-04-01", "second_amount": 72000}
    found = quote("traffic_penalty", quoted, on=date.fromisoformat(on), objected=True)
    assert (found.amount, found.next_change) == (60000, None)


def test_a_second_amount_of_nothing_is_none() -> None:
    quoted = {"amount": 60000, "first_due_on": "2026-03-12", "second_amount": 0}
    assert quote("traffic_penalty", quoted, on=date(2026, 3, 13)).amount == 72000
