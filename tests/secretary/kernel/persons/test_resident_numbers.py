"""Numbers here are made up: the serial 1000000 to 1234567 behind a birth date is unassigned."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretary.kernel.persons.resident_numbers import holds_resident_number
from tests.support.together import in_one_test

DASHES = ["", " ", "-", " - ", "–", "—", "－", "‐", ".", "·", "ㅡ", "~", "\u00a0", "  ", "\n"]


@in_one_test("dash", DASHES)
@in_one_test("first", "0123456789")
def test_it_is_found_however_it_is_written(dash: str, first: str) -> None:
    assert holds_resident_number(f"가나로 1 (990101{dash}{first}000000)")


@given(st.dates(), st.sampled_from(DASHES), st.text("가나 ,()", max_size=5), st.text("가나 ,()", max_size=5))
def test_full_width_digits_hide_none(born: Any, dash: Any, before: Any, after: Any) -> None:
    written = f"{born:%y%m%d}{dash}1000000"
    full_width = written.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    assert holds_resident_number(before + written + after)
    assert holds_resident_number(before + full_width + after)


@pytest.mark.parametrize(
    "text",
    [
        *["19990101-1000000", "1999-01-01-1000000", "99.01.01-1000000", "99.01.01. - 1000000", "20010101-3000000"],
        *["9901011 000000", "990101－ 1 0 0 0 0 0 0", "9 9 0 1 0 1 - 1 0 0 0 0 0 0", "9 9 0 1 0 1 1 0 0 0 0 0 0"],
        *["990101⁃1000000", "990101➖1000000", "٩٩٠١٠١-١٠٠٠٠٠٠", "199901011000000"],
    ],
)
def test_its_year_in_full_parts_and_blanks_hide_none(text: str) -> None:
    assert holds_resident_number(f"가나로 1 ({text})")


SIGNS = sorted(
    {chr(code) for code in range(0x21, 0x7F)} - set("._-~") - {chr(n) for n in range(128) if chr(n).isalnum()}
)


@in_one_test("sign", [*SIGNS, ", ", " / ", ")(", "::", "／", "：", "，", "＝", "｜", "、", "※", "→", "＊"])
@in_one_test("halves", ["850314 1234567", "990101 2000000", "501231 5000001", "030228 4000000", "190930 7123456"])
def test_any_sign_between_the_halves_hides_none(sign: str, halves: str) -> None:
    born, rest = halves.split()
    for text in (
        f"{born}{sign}{rest}",
        f"홍길동,{born}{sign}{rest},서울",
        f"민원인({born}{sign}{rest})",
        f"사건{born}{sign}{rest}호",
    ):
        assert holds_resident_number(text), text


@in_one_test("sign", ["/", ",", ":", "=", "(", "*", "|", ", ", " / "])
@in_one_test(
    "halves",
    [
        *["123456 1234567", "995012 1234567", "850230 1234567", "850431 1234567", "901300 1234567"],  # no day
        *["850314 3234567", "850314 9234567", "030228 1234567", "190930 5123456"],  # of another century than its year
        *["260310 1234567", "261128 3234567", "240229 1234567", "251231 4000000"],  # a day of late, and an amount
        *[
            "850314 123456",
            "850314 12345678",
            "1850314 1234567",
            "85031 1234567",
            "850314 1234567원",
            "850314 1234567 원",
        ],
    ],
)
def test_days_with_amounts_and_case_numbers_are_none(sign: str, halves: str) -> None:
    first, second = halves.split(maxsplit=1)
    assert not holds_resident_number(f"사건 {first}{sign}{second}")


@in_one_test(
    "text",
    [
        *["20261128-1000123", "20261128 3000123", "202611283000123", "2026-03-10 12345678", "1999-01-01 1234567"],
        *["02-2610-1234567", "990101 010 0000 1234", "계좌 110-9901-1000000", "20260310-00000012"],
        *["2026031234567", "261301-1234567", "260132-1234567", "260310-123456", "1260310-1234567", "260310-12345678"],
        *["260310, 1234567", "260310 / 1234567", "061231 010-0000-1234", "2026-03-10 1234567", "가나로 123456"],
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert not holds_resident_number(text)
