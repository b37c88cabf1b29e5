from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.delivery.check_codes import ALPHABET, check_code, check_codes, notice_number

# As the release 148511c made them, with the key below.
OF_THE_RELEASE = {0: "M0NM-96QS", 1: "J4HY-RBZW", 7: "FW24-V614", 12345678: "11MZ-79VC", 2**40 - 1: "F964-EVMH"}


@given(st.integers(0, 2**40 - 1))
def test_a_code_leads_back_to_its_notice_however_it_is_typed(number: int) -> None:
    code = check_code(number)
    assert notice_number(code) == number
    assert notice_number(f" {code.lower().replace('-', ' ')} ".replace("0", "o").replace("1", "l")) == number


@pytest.mark.parametrize(("number", "code"), OF_THE_RELEASE.items())
def test_codes_that_people_hold_already_stay_those_of_their_notices(number: int, code: str, settings: Any) -> None:
    settings.CHECK_CODE_KEY = b"3" * 32
    assert (check_code(number), notice_number(code)) == (code, number)


@given(st.lists(st.integers(0, 2**40 - 1), max_size=9))
def test_those_of_a_batch_are_those_of_each(numbers: list[int]) -> None:
    assert check_codes(numbers) == [check_code(number) for number in numbers]


def test_neighbouring_notices_have_unlike_codes() -> None:
    codes = [check_code(number) for number in range(1000)]
    assert len(set(codes)) == 1000
    assert len({code[0] for code in codes}) == len(ALPHABET)


@given(st.text())
def test_what_is_no_code_is_no_notice(text: str) -> None:
    number = notice_number(text)
    assert number is None or 0 <= number < 2**40
