"""Numbers here are made up: the serial 1000000 to 1234567 behind a birth date is nobody's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretary.common.resident_numbers import holds_resident_number

DASHES = ["", " ", "-", " - ", "–", "—", "－", "‐", ".", "·", "ㅡ", "~", "\u00a0", "  ", "\n"]


@pytest.mark.parametrize("dash", DASHES)
@pytest.mark.parametrize("first", "0123456789")
def test_it_is_found_however_it_is_written(dash: str, first: str) -> None:
    assert holds_resident_number(f"가나로 1 (990101{dash}{first}000000)")


@given(st.dates(), st.sampled_from(DASHES), st.text("가나 ,()", max_size=5), st.text("가나 ,()", max_size=5))
def test_full_width_digits_hide_none(born, dash, before, after) -> None:
    written = f"{born:%y%m%d}{dash}1000000"
    full_width = written.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    assert holds_resident_number(before + written + after)
    assert holds_resident_number(before + full_width + after)


@pytest.mark.parametrize(
    "text",
    [
        *["2026031234567", "261301-1234567", "260132-1234567", "260310-123456", "1260310-1234567", "260310-12345678"],
        *["260310, 1234567", "260310 / 1234567", "061231 010-0000-1234", "2026-03-10 1234567", "가나로 123456"],
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert not holds_resident_number(text)
