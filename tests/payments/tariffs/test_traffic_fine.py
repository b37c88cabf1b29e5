from datetime import date

import pytest

from payments.tariffs.contract import BadFacts, Quote
from payments.tariffs.ladder import from_values, quote, read
from payments.tariffs.traffic_fine import TARIFF, Fine
from tests.payments.tariffs import table
from tests.support.together import in_one_test

USUAL = {"principal": 40000, "notice_ends": "2026-03-02", "due": "2026-04-02"}
RECORD = {"amount": 40000, "reduction_ends_on": "2026-03-02", "due_on": "2026-04-02", "violation": "속도위반"}


def quoted(on: str, **facts: object) -> Quote:
    return read(TARIFF.ladder(from_values(Fine, USUAL | facts)), on=date.fromisoformat(on))


@in_one_test("row", table.rows("traffic_fine.csv"), ids=table.label)
def test_a_fine_costs_what_the_law_says(row: dict[str, str]) -> None:
    found = quoted(
        row["on"],
        principal=row["principal"],
        notice_ends=row["notice_ends"],
        due=row["due"],
        social_reduction_percent=row["social"],
    )
    table.holds(row, found)


def test_each_step_names_its_article_and_its_won() -> None:
    steps = [(step.code, step.amount, step.article) for step in quoted("2026-06-03", principal=12345).steps]
    assert steps == [
        ("principal", 12345, "질서위반행위규제법 §17①"),
        ("late", 370, "질서위반행위규제법 §24①"),
        ("monthly", 296, "질서위반행위규제법 §24②"),
        ("under_ten", -1, "국고금 관리법 §47①"),
    ]


def test_two_changes_are_foreseen() -> None:
    found = quoted("2026-03-03")
    assert found.next_change == (date(2026, 3, 4), 40000)
    assert found.after_next == (date(2026, 4, 3), 41200)
    assert quoted("2031-04-02").after_next is None


def test_only_the_reduced_payment_ends_the_procedure() -> None:
    assert [quoted(on).ends_procedure for on in ("2026-03-03", "2026-03-04", "2026-04-03")] == [True, False, False]


def test_a_smaller_reduction_is_the_agencys_to_choose() -> None:
    assert quoted("2026-03-03", reduction_percent=10).amount == 36000


def test_the_records_own_reduced_amount_wins_and_the_difference_shows() -> None:
    found = quote("traffic_fine", RECORD | {"reduced_amount": 36000}, on=date(2026, 3, 3))
    assert (found.amount, found.by_law, found.differs) == (36000, 32000, True)
    assert (found.steps[-1].code, found.steps[-1].amount) == ("agency", 4000)
    assert found.next_change == (date(2026, 3, 4), 40000)


def test_a_record_that_agrees_with_the_law_is_not_flagged() -> None:
    found = quote("traffic_fine", RECORD | {"reduced_amount": "32000"}, on=date(2026, 3, 3))
    assert (found.amount, found.differs, found.next_change) == (32000, False, (date(2026, 3, 4), 40000))


def test_what_the_agency_answers_today_wins_over_everything() -> None:
    found = quote("traffic_fine", RECORD, on=date(2026, 5, 10), agency_amount=41200)
    assert (found.amount, found.by_law) == (41200, 41680)
    assert [(item.what, item.agency, item.by_law) for item in found.differences] == [("amount", "41200", "41680")]
    assert sum(step.amount for step in found.steps) == 41200


def test_the_figure_of_an_agency_that_is_a_month_ahead_is_not_notified_as_a_change() -> None:
    found = quote("traffic_fine", RECORD, on=date(2026, 5, 2), agency_amount=41680)
    assert found.next_change == (date(2026, 6, 3), 42160)


@pytest.mark.parametrize("reduced", [None, "", 0, 40000, 20000])
def test_a_record_without_a_reduction_has_none(reduced: object) -> None:
    quoted = RECORD | {"reduced_amount": reduced, "social_reduction_percent": 50 if reduced == 20000 else 0}
    found = quote("traffic_fine", quoted, on=date(2026, 3, 2))
    imposed = 20000 if reduced == 20000 else 40000
    assert (found.amount, found.ends_procedure, found.differs) == (imposed, False, False)
    assert found.next_change == (date(2026, 4, 3), imposed * 103 // 100)


def test_hardship_comes_first_and_the_early_reduction_of_the_rest() -> None:
    quoted = RECORD | {"reduced_amount": 16000, "social_reduction_percent": 50}
    found = quote("traffic_fine", quoted, on=date(2026, 3, 2))
    assert (found.amount, found.by_law, found.differs) == (16000, 16000, False)


def test_an_advance_notice_knows_no_due_date_and_no_surcharge() -> None:
    quoted = {"amount": 40000, "reduced_amount": 32000, "reduction_ends_on": "2026-03-02"}
    assert quote("traffic_fine", quoted, on=date(2026, 3, 3)).next_change == (date(2026, 3, 4), 40000)
    assert quote("traffic_fine", quoted, on=date(2027, 3, 4)).next_change is None
    assert quote("traffic_fine", {"amount": 40000}, on=date(2026, 3, 3)).amount == 40000


@pytest.mark.parametrize(
    ("paid_on", "on", "amount"),
    [
        ("2026-03-20", "2026-03-19", 40000),
        ("2026-03-20", "2026-03-20", 30000),
        ("2026-03-20", "2026-04-03", 30900),  # 3 % of what is still owed
        ("2026-03-20", "2026-05-03", 31260),
        ("", "2026-05-03", 31260),
        ("2026-04-20", "2026-04-19", 41200),
        ("2026-04-20", "2026-04-20", 31200),  # the surcharge arose on all of it and stays
        ("2026-04-20", "2026-05-03", 31560),  # the month's on the rest
        ("2026-05-03", "2026-05-03", 31680),  # the month had passed on all of it
        ("2026-05-03", "2026-06-03", 32040),
    ],
)
def test_after_a_part_payment_the_steps_count_on_what_is_owed(paid_on: str, on: str, amount: int) -> None:
    quoted = RECORD | {"part_paid_amount": 10000, "part_paid_on": paid_on}
    found = quote("traffic_fine", quoted, on=date.fromisoformat(on))
    assert (found.amount, sum(step.amount for step in found.steps)) == (amount, amount)


@pytest.mark.parametrize(
    ("paid", "paid_on", "on", "amount", "ends"),
    [
        (5000, "", "2026-02-20", 32000, True),
        (8000, "", "2026-02-20", 32000, True),
        (20000, "", "2026-02-20", 20000, False),
        (20000, "2026-02-20", "2026-02-19", 32000, True),
        (20000, "2026-02-20", "2026-02-20", 20000, False),
        (20000, "2026-03-20", "2026-02-20", 32000, True),
    ],
)
def test_no_reduced_amount_is_above_what_is_unpaid(paid: int, paid_on: str, on: str, amount: int, ends: bool) -> None:
    quoted = {"amount": 40000, "reduced_amount": 32000, "reduction_ends_on": "2026-03-02", "due_on": "2026-04-02"}
    quoted |= {"part_paid_amount": paid, "part_paid_on": paid_on}
    found = quote("traffic_fine", quoted, on=date.fromisoformat(on))
    assert (found.amount, found.ends_procedure) == (amount, ends)


@pytest.mark.parametrize("objected_on", [None, "2026-03-20", "2026-05-01"])
@pytest.mark.parametrize("on", ["2026-05-01", "2026-05-03", "2031-05-01"])
def test_while_an_objection_stands_the_amount_stands_still(objected_on: str | None, on: str) -> None:
    quoted = RECORD | {"reduced_amount": 32000, "objected_on": objected_on}
    found = quote("traffic_fine", quoted, on=date.fromisoformat(on), objected=True)
    assert (found.amount, found.next_change, [note.code for note in found.notes]) == (40000, None, ["objected"])
    assert quote("traffic_fine", quoted, on=date(2026, 5, 3)).amount == 41680  # decided: the day is history


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"principal": ""}, "principal"),
        ({"principal": 0}, "principal"),
        ({"principal": -1}, "principal"),
        ({"principal": True}, "principal"),
        ({"principal": 40000.0}, "principal"),
        ({"principal": "４００００"}, "principal"),
        ({"due": "2026-02-30"}, "due"),
        ({"due": "20260402"}, "due"),
        ({"due": "2026-03-01"}, "due"),
        ({"due": "2150-01-01"}, "2150"),
        ({"due": "2016-01-04", "notice_ends": ""}, "2017-06-03"),
        ({"reduction_percent": 21}, "reduction_percent"),
        ({"social_reduction_percent": 51}, "social_reduction_percent"),
        ({"reduced_amount": 40001}, "reduced_amount"),
        ({"reduced_amount": 32000, "notice_ends": ""}, "reduced_amount"),
        ({"part_paid": 40001}, "part_paid"),
    ],
)
def test_facts_that_cannot_be_are_refused_by_name(facts: dict[str, object], named: str) -> None:
    with pytest.raises(BadFacts, match=named):
        quoted("2026-03-03", **facts)
