"""Arrays come out of PostgreSQL as they went in."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secretary.kernel.database.prepared import number_array, text_array

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def read(array: str, kind: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}[]", [array])
        values: list[object] = cursor.fetchone()[0]
    return values


@pytest.mark.django_db
@UNHURRIED
@given(st.lists(st.one_of(TEXTS, st.sampled_from(["", "NULL", '"', "\\", '","', "{}", " a ", "a,b"]))))
def test_texts(values: list[str]) -> None:
    assert read(text_array(values), "text") == values


@pytest.mark.django_db
@UNHURRIED
@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))))
def test_whole_numbers(values: list[int | None]) -> None:
    assert read(number_array(values), "bigint") == values


@pytest.mark.django_db
@UNHURRIED
@given(st.lists(st.floats(allow_nan=False)))
def test_other_numbers(values: list[float]) -> None:
    assert read(number_array(values), "float8") == values
