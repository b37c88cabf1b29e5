from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from secretary.kernel.persons.phone import NotAMobile, parse_mobile


@pytest.mark.parametrize(
    "typed",
    [
        "010-0000-1234",
        "01000001234",
        "+82 10-0000-1234",
        "+82 (0)10 0000 1234",
        "０１０-００００-１２３４",
        " 010\u200b 0000 1234 ",
    ],
)
def test_every_usual_writing_gives_one_number(typed: Any) -> None:
    assert parse_mobile(typed) == "+821000001234"


@pytest.mark.parametrize("typed", ["011-000-1234", "016-0000-1234", "019 000 1234"])
def test_numbers_of_older_registers_are_still_mobiles(typed: Any) -> None:
    assert parse_mobile(typed).startswith("+821")


@pytest.mark.parametrize(
    "typed", ["010-000-1234", "010-CALL-1234", "012-000-1234", "015-0000-1234", "0502-000-1234", "010-0000-12345"]
)
def test_a_missing_digit_letters_and_prefixes_that_no_mobile_has_are_refused(typed: Any) -> None:
    with pytest.raises(NotAMobile):
        parse_mobile(typed)


@pytest.mark.parametrize(
    "typed",
    ["02-123-4567", "070-0000-1234", "+1 202 555 0100", "010-0000", "", "전화", "1" * 5000, "010-0000-1234 ext. 5"],
)
def test_what_is_no_korean_mobile_is_refused_without_being_repeated(typed: Any) -> None:
    with pytest.raises(NotAMobile) as refused:
        parse_mobile(typed)
    assert not typed or typed not in str(refused.value)


@given(st.integers(0, 10**8 - 1), st.sampled_from(["", "-"]))
def test_the_usual_writing_is_read_as_phonenumbers_reads_it(number: Any, hyphen: Any) -> None:
    digits = f"{number:08d}"
    typed = hyphen.join(("010", digits[:4], digits[4:]))
    theirs = phonenumbers.parse(typed, "KR")
    if phonenumbers.is_valid_number(theirs):
        assert parse_mobile(typed) == phonenumbers.format_number(theirs, phonenumbers.PhoneNumberFormat.E164)
    else:
        with pytest.raises(NotAMobile):
            parse_mobile(typed)
