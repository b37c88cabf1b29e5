"""Cases in one test: each is tried, each that fails is named, and none at all is a failure."""

from typing import Any

import pytest

from tests.support.together import MOST_SHOWN, in_one_test


@pytest.fixture
def limit() -> int:
    return 2


@in_one_test(("number", "word"), [(1, "one"), (2, "two")])
def test_fixtures_and_cases_come_together(limit: int, number: int, word: str) -> None:
    assert number <= limit and len(word) == 3


def failing(cases: Any, **how: Any) -> str:
    @in_one_test("number", cases, **how)
    def look(number: int) -> None:
        assert 6 / number < 3, "too small"

    with pytest.raises(AssertionError) as raised:
        look()
    return str(raised.value)


def test_every_case_that_fails_is_named_and_keeps_no_other_back() -> None:
    output = failing([1, 3, 0, 2]).splitlines()
    assert output[0] == "3 of 4 cases failed"
    assert [line.partition(":")[0] for line in output[1:] if ":" in line] == ["1", "0", "2"]
    assert "1: AssertionError: too small" in output and "0: ZeroDivisionError: division by zero" in output


def test_cases_are_named_as_the_test_says() -> None:
    assert "\nfirst: " in failing([1], ids=["first"])
    assert "\nno 1: " in failing([1], ids=lambda number: f"no {number}")


def test_a_case_may_bring_its_name() -> None:
    assert "\nsmall: AssertionError" in failing([pytest.param(1, id="small"), 3])


def test_of_hundreds_some_are_shown_and_all_are_counted() -> None:
    output = failing([1] * 100)
    assert output.startswith("100 of 100 cases failed") and output.count("too small") == MOST_SHOWN


def test_no_case_at_all_is_a_failure() -> None:
    assert failing([]) == "there was no case"


def test_cases_of_cases_are_all_tried() -> None:
    tried: list[tuple[int, str]] = []

    @in_one_test("number", [1, 2])
    @in_one_test("word", "ab")
    def look(number: int, word: str) -> None:
        tried.append((number, word))

    look()
    assert tried == [(1, "a"), (1, "b"), (2, "a"), (2, "b")]
