from datetime import date

import pytest

from subscriptions.people import age_on


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1951, 3, 2), date(2026, 3, 1), 74),
        (date(1951, 3, 2), date(2026, 3, 2), 75),
        (date(1948, 2, 29), date(2026, 2, 28), 77),
        (date(1948, 2, 29), date(2026, 3, 1), 78),
    ],
)
def test_age_is_international_and_changes_on_the_birthday(born, day, age):
    assert age_on(born, day) == age
