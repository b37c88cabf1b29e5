from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.tariffs.contract import BadFacts
from payments.tariffs.ladder import after_months, is_working_day, last_day, moved

ANY_DAY = st.dates(date(2000, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-03-01", False),  # 삼일절, a Sunday
        ("2026-03-02", False),  # its substitute
        ("2026-03-03", True),
        ("2026-02-16", False),  # Seollal 2026: Monday to Wednesday
        ("2026-02-18", False),
        ("2026-02-19", True),
        ("2027-02-09", False),  # Seollal 2027: Sunday among the three days
        ("2027-02-10", True),
        ("2026-09-28", True),  # Chuseok 2026: only a Saturday among them, so no substitute
        ("2025-10-08", False),  # Chuseok 2025: a Sunday among them
        ("2026-06-03", False),  # local elections
        ("2025-01-27", False),  # declared for one year
        ("2026-10-05", False),  # 개천절 on a Saturday has a substitute
        ("2026-06-08", True),  # 현충일 on a Saturday has none
        ("2025-12-25", False),
        ("2025-12-26", True),
        ("2026-01-03", False),  # just a Saturday
    ],
)
def test_korean_working_days(day: str, working: bool) -> None:
    assert is_working_day(date.fromisoformat(day)) is working


@pytest.mark.parametrize(
    ("event", "days", "last"),
    [
        ("2026-03-02", 10, "2026-03-12"),  # the first day is not counted
        ("2026-09-14", 10, "2026-09-28"),  # Chuseok
        ("2025-09-23", 10, "2025-10-10"),  # seven days off in a row
        ("2028-02-19", 10, "2028-02-29"),  # leap day
        ("2027-12-31", 1, "2028-01-03"),  # new year on a Saturday
    ],
)
def test_a_deadline_does_not_count_its_first_day_and_moves_off_holidays(event: str, days: int, last: str) -> None:
    assert last_day(date.fromisoformat(event), days) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("first", "months", "after"),
    [
        ("2026-04-03", 1, "2026-05-03"),
        ("2026-02-01", 1, "2026-03-01"),
        ("2026-01-31", 1, "2026-03-01"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2026-01-29", 1, "2026-03-01"),
        ("2028-01-29", 1, "2028-02-29"),
        ("2028-02-29", 12, "2029-03-01"),
        ("2028-02-29", 48, "2032-02-29"),
        ("2026-10-31", 1, "2026-12-01"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-04-03", 60, "2031-04-03"),
        ("2026-04-03", 0, "2026-04-03"),
    ],
)
def test_months_end_by_the_calendar(first: str, months: int, after: str) -> None:
    assert after_months(date.fromisoformat(first), months) == date.fromisoformat(after)


@given(ANY_DAY)
def test_a_deadline_moves_forward_to_the_first_working_day(day: date) -> None:
    end = moved(day)
    assert end >= day
    assert is_working_day(end)
    assert not any(is_working_day(day + timedelta(days=passed)) for passed in range((end - day).days))


@given(ANY_DAY, st.integers(1, 60))
def test_more_months_end_later(day: date, months: int) -> None:
    assert after_months(day, months - 1) < after_months(day, months)


@pytest.mark.parametrize("day", ["1999-12-31", "2100-01-01", "9999-12-31", "0001-01-01"])
def test_years_without_a_known_calendar_are_refused(day: str) -> None:
    with pytest.raises(BadFacts, match="holidays"):
        last_day(date.fromisoformat(day), 10)
