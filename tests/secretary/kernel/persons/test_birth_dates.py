from datetime import date
from typing import Any

import pytest

from secretary.kernel.persons.birth_dates import (
    ImpossibleYear,
    LunarDay,
    NoSuchDay,
    age_on,
    birth_date_from_iso,
    birth_date_of,
    refuse_impossible,
)

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1951, 3, 2), date(2026, 3, 1), 74),
        (date(1951, 3, 2), date(2026, 3, 2), 75),
        (date(1948, 2, 29), date(2026, 2, 28), 77),
        (date(1948, 2, 29), date(2026, 3, 1), 78),
    ],
)
def test_age_is_international_and_changes_on_the_birthday(born: Any, day: Any, age: Any) -> None:
    assert age_on(born, day) == age


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 3, 30), date(2026, 12, 31)])
def test_of_a_lunar_day_the_least_age_of_the_year_is_taken(day: Any) -> None:
    assert age_on(LunarDay(2012, 2, 30), day) == 13


@pytest.mark.parametrize("text", ["1944-02-30", "1943-02-29", "1900-02-29"])
def test_the_last_days_of_a_lunar_february_are_kept_as_they_stand_in_the_register(text: Any) -> None:
    assert birth_date_from_iso(text).isoformat() == text


@pytest.mark.parametrize(
    "text", ["1944-02-31", "1944-04-31", "1944-13-01", "1944-00-10", "1944-1-1", "１９44-01-01", ""]
)
def test_what_no_calendar_has_is_no_birth_date(text: Any) -> None:
    with pytest.raises(NoSuchDay):
        birth_date_from_iso(text)


@pytest.mark.parametrize("parts", [(1899, 12, 31), (1848, 5, 9), (1899, 2, 30), (2026, 3, 3), (2027, 2, 30)])
def test_years_before_1900_and_days_to_come_are_impossible(parts: Any) -> None:
    with pytest.raises(ImpossibleYear):
        refuse_impossible(birth_date_of(*parts), today=TODAY)


@pytest.mark.parametrize("parts", [(1900, 1, 1), (1900, 2, 30), (2026, 3, 2), (2026, 2, 30)])
def test_everything_between_is_possible(parts: Any) -> None:
    refuse_impossible(birth_date_of(*parts), today=TODAY)
