from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.delivery.check_codes import ALPHABET, Mistyped, check_code, check_codes, notice_number, read_code

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
    assert (check_code(number)[:9], notice_number(code)) == (code, number)


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


@given(st.integers(0, 2**40 - 1), st.integers(0, 11), st.integers(1, 31), st.integers(1, 11))
def test_one_wrong_letter_or_two_that_changed_places_are_seen_at_once(
    number: int, place: int, other: int, apart: int
) -> None:
    code = list(check_code(number).replace("-", ""))
    wrong, swapped = code[:], code[:]
    wrong[place] = ALPHABET[(ALPHABET.index(code[place]) + other) % 32]
    there = (place + apart) % 12
    swapped[place], swapped[there] = code[there], code[place]
    for letters in (wrong, swapped):
        if letters != code:
            with pytest.raises(Mistyped):
                read_code("".join(letters))


def test_an_invented_code_is_not_ours_but_once_in_thirty_thousand() -> None:
    """A guess with a right check letter still has to hit three letters of the tag."""
    begun = check_code(1).replace("-", "")[:8]
    made = [begun + a + b + c for a in ALPHABET for b in ALPHABET for c in ALPHABET[:4]]
    codes = [code + last for code in made for last in ALPHABET if _is_code(code + last)]
    assert len(codes) == len(made) == 4096
    assert sum(read_code(code).genuine for code in codes) <= 1


def _is_code(typed: str) -> bool:
    try:
        return not read_code(typed).short
    except Mistyped:
        return False
