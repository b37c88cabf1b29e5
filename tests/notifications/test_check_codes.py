from hypothesis import given
from hypothesis import strategies as st

from notifications.check_codes import ALPHABET, check_code, notice_number


@given(st.integers(0, 2**40 - 1))
def test_a_code_leads_back_to_its_notice_however_it_is_typed(number: int) -> None:
    code = check_code(number)
    assert notice_number(code) == number
    assert notice_number(f" {code.lower().replace('-', ' ')} ".replace("0", "o").replace("1", "l")) == number


def test_neighbouring_notices_have_unlike_codes() -> None:
    codes = [check_code(number) for number in range(1000)]
    assert len(set(codes)) == 1000
    assert len({code[0] for code in codes}) == len(ALPHABET)


@given(st.text())
def test_what_is_no_code_is_no_notice(text: str) -> None:
    number = notice_number(text)
    assert number is None or 0 <= number < 2**40
