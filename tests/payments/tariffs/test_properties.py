"""What must hold for every debt on every day, whatever the figures."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from payments.tariffs.contract import Ladder, Quote
from payments.tariffs.ladder import read
from payments.tariffs.traffic_fine import TARIFF as FINE
from payments.tariffs.traffic_fine import Fine
from payments.tariffs.traffic_penalty import TARIFF as PENALTY
from payments.tariffs.traffic_penalty import Penalty

DAY = timedelta(days=1)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
WON = st.integers(1, 3_000_000) | st.integers(1, 60).map(lambda tens: tens * 10_000)


@st.composite
def fines(draw: Any) -> tuple[Fine, int]:
    notice_ends = draw(DAYS)
    principal, social = draw(WON), draw(st.sampled_from([0, 0, 30, 50]))
    fine = Fine(
        principal=principal,
        notice_ends=draw(st.just(notice_ends) | st.none()),
        due=notice_ends + timedelta(days=draw(st.integers(0, 120))),
        reduction_percent=draw(st.integers(0, 20)),
        social_reduction_percent=social,
    )
    return fine, principal * (100 - social) // 100


@st.composite
def penalties(draw: Any) -> tuple[Penalty, int]:
    principal = draw(WON)
    return Penalty(principal=principal, notified_on=draw(DAYS)), principal


@st.composite
def debts(draw: Any) -> tuple[Ladder, int, date]:
    """A ladder, the debt as imposed, and a day from shortly before to long after everything."""
    debt, imposed = draw(fines() | penalties())
    if isinstance(debt, Fine):
        ladder, begins = FINE.ladder(debt), (debt.notice_ends or debt.due or date.max) - 20 * DAY
    else:
        ladder, begins = PENALTY.ladder(debt), debt.notified_on or date.max
    return ladder, imposed, begins + timedelta(days=draw(st.integers(0, 200) | st.integers(0, 2500)))


def at(ladder: Ladder, day: date) -> Quote:
    return read(ladder, on=day)


@settings(deadline=None)
@given(debts())
def test_steps_sum_up_to_whole_tens_of_won(debt: tuple[Ladder, int, date]) -> None:
    ladder, _imposed, day = debt
    found = at(ladder, day)
    assert found.amount == sum(step.amount for step in found.steps) == found.by_law
    assert found.amount % 10 == 0
    assert not found.differs


@settings(deadline=None)
@given(debts(), st.integers(0, 2500))
def test_it_never_falls_as_time_passes(debt: tuple[Ladder, int, date], later: int) -> None:
    ladder, _imposed, day = debt
    assert at(ladder, day).amount <= at(ladder, day + timedelta(days=later)).amount


@settings(deadline=None)
@given(debts())
def test_it_is_never_above_175_percent_nor_below_80(debt: tuple[Ladder, int, date]) -> None:
    ladder, imposed, day = debt
    found = at(ladder, day).amount
    assert found * 100 <= imposed * 175
    assert found > imposed * 80 // 100 - 10


@settings(deadline=None, max_examples=50)
@given(debts())
def test_the_next_change_is_the_first_day_with_another_amount(debt: tuple[Ladder, int, date]) -> None:
    ladder, _imposed, day = debt
    found = at(ladder, day)
    if found.next_change is None:
        assert at(ladder, day + 4000 * DAY).amount == found.amount
        return
    changes = found.next_change.on
    before = {at(ladder, day + timedelta(days=waited)).amount for waited in range((changes - day).days)}
    assert before == {found.amount}
    assert at(ladder, changes).amount == found.next_change.amount != found.amount
    assert found.after_next == at(ladder, changes).next_change
