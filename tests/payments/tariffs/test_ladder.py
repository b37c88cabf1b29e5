"""One contract for every registered tariff, and the shipped data types that name one."""

import dataclasses
from datetime import date
from typing import Any

import pytest

from payments.tariffs.contract import BadFacts, Ladder, in_force
from payments.tariffs.ladder import (
    UnknownTariff,
    fields_of,
    from_record,
    kinds_of,
    quote,
    step_names_of,
    tariff,
    tariffs,
)
from tests.support.catalogue import SPECS

PAYABLE = [spec for spec in SPECS if spec.payable]


@dataclasses.dataclass(frozen=True)
class Rates:
    since: date


def sample(spec: Any) -> dict[str, object]:
    return {item.name: item.sample for item in spec.fields}


def ladder(spec: Any) -> Ladder:
    found = tariff(spec.payable)
    return found.ladder(from_record(found.facts, sample(spec)))


def test_both_traffic_debts_have_a_tariff() -> None:
    assert set(tariffs()) == {"traffic_fine", "traffic_penalty"} == {spec.payable for spec in PAYABLE}


def test_an_unknown_tariff_is_named_beside_those_there_are() -> None:
    with pytest.raises(UnknownTariff, match="'tax'; there are traffic_fine, traffic_penalty"):
        quote("tax", {}, on=date(2026, 3, 2))


@pytest.mark.parametrize("code", tariffs())
def test_facts_are_whole_numbers_and_days_with_a_word_of_help(code: str) -> None:
    facts = tariff(code).facts
    assert set(kinds_of(facts).values()) <= {int, date}
    assert all(item.metadata["help"] for item in fields_of(facts))


@pytest.mark.parametrize("code", tariffs())
def test_an_empty_record_is_refused(code: str) -> None:
    with pytest.raises(BadFacts, match="missing: principal"):
        quote(code, {}, on=date(2026, 3, 2))


@pytest.mark.parametrize("spec", PAYABLE, ids=lambda spec: spec.code)
def test_the_shipped_sample_record_agrees_with_the_law(spec: Any) -> None:
    for rung in ladder(spec).rungs:
        found = quote(spec.payable, sample(spec), on=max(rung.since, date(2026, 3, 3)))
        assert (found.amount, found.differs) == (rung.by_law, False)


@pytest.mark.parametrize("spec", PAYABLE, ids=lambda spec: spec.code)
def test_rungs_rise_in_order_and_say_where_they_come_from(spec: Any) -> None:
    rungs = ladder(spec).rungs
    assert list(rungs) == sorted(rungs, key=lambda rung: rung.since)
    assert [rung.amount for rung in rungs] == sorted(rung.amount for rung in rungs)
    assert all(step.article and step.what.ko and step.what.en for rung in rungs for step in rung.steps)


def test_the_version_in_force_is_the_newest_that_has_begun() -> None:
    versions = [Rates(date(2026, 1, 1)), Rates(date(2020, 1, 1))]
    days = (date(2020, 1, 1), date(2025, 12, 31), date(2026, 1, 1))
    assert [in_force(versions, day).since.year for day in days] == [2020, 2020, 2026]
    with pytest.raises(BadFacts, match="2020-01-01"):
        in_force(versions, date(2019, 12, 31))


FINE = {"amount": 40000, "reduced_amount": 32000, "reduction_ends_on": "2026-03-23", "due_on": "2026-05-29"}
CORRECTIONS: list[dict[str, object]] = [
    {"due_on": "2026-07-31"},
    {"reduction_ends_on": "2026-04-10", "due_on": "2026-06-30"},
    {"amount": 70000, "reduced_amount": 56000},
    {"social_reduction_percent": 50, "reduced_amount": None},
]


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_a_step_keeps_its_name_whatever_is_corrected(correction: dict[str, object]) -> None:
    before, after = (step_names_of("traffic_fine", FINE | changes) for changes in ({}, correction))
    assert list(before.values()) == list(after.values())
    assert list(before.values())[:4] == ["full-1", "late-1", "monthly-1", "monthly-2"]
    assert len(set(before.values())) == len(before)
