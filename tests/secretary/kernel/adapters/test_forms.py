"""Test that forms are written and read exactly as `urllib` does it."""

from urllib.parse import parse_qsl, quote_plus, urlencode

import pytest

from secretary.kernel.adapters.forms import form_value, read_form

TEXTS = ["", "plain", "a b+c&d=e%", "홍길동님, 과태료 40,000원", "+821012345678", "\ud800", "é ～\n\t\0", "😀", "a=b=c"]


@pytest.mark.parametrize("text", TEXTS)
def test_a_value_is_written_as_urllib_does(text: str) -> None:
    assert [form_value(text), form_value(text)] == [quote_plus(text, errors="replace")] * 2


def test_a_form_is_read_as_urllib_does() -> None:
    forms = [urlencode([("a", text), ("b c", "x")], errors="replace") for text in TEXTS]
    signs = ["a=%2B8210+1", "%2B=%2b", "a=%252B", "a=%%2B", "a=%2%2B", "a=%2B%EA%B0%80", "a+%2B=1&b+c=+%2B+"]
    for form in [*forms, *signs, "", "a=&b=", "a=1&a=2", "%EA%B0=%", "a=b=c", "=x"]:
        assert read_form(form) == parse_qsl(form, keep_blank_values=True, strict_parsing=True)


@pytest.mark.parametrize("form", ["a", "a=1&", "&a=1", "a=1&b"])
def test_a_part_without_a_value_is_refused_as_urllib_does(form: str) -> None:
    with pytest.raises(ValueError, match="bad query field"):
        parse_qsl(form, keep_blank_values=True, strict_parsing=True)
    with pytest.raises(ValueError, match="without a value"):
        read_form(form)
