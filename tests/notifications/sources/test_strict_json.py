import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.sources import strict_json
from notifications.sources.contract import REFUSALS
from notifications.sources.strict_json import NotStrict

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("가나ab", max_size=3), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a": 1, "a": 2}', "duplicate_key"),
        ('{"a": {"b": 1, "b": 1}}', "duplicate_key"),
        ('{"a": 1, "\\u0061": 2}', "duplicate_key"),
        ('{"a":1,"a" :2}', "duplicate_key"),
        ('{"a":1,"a"\t:2}', "duplicate_key"),
        ('{"a":1,"a":2,"b":"\\":"}', "duplicate_key"),
        ('[{"a":1},{"a":1,"a":2}]', "duplicate_key"),
        ("18446744073709551616", "number_too_large"),
        ('{"a":{"b":-9223372036854775809}}', "number_too_large"),
        ("NaN", "not_a_number"),
        ("[-Infinity]", "not_a_number"),
        ("1e999", "number_too_large"),
        ("9" * 100_000, "number_too_large"),
        ("9223372036854775808", "number_too_large"),
        ('"\\ud800"', "lone_surrogate"),
        ('{"\\udc00": 1}', "lone_surrogate"),
        ('"a\\u0000"', "control_character"),
        ('"a\nb"', "not_json"),
        ("[" * 100_000, "too_deep"),
        ('{"a":' * 100_000, "too_deep"),
        ("[" * 13 + "]" * 13, "too_deep"),
        ("[1,]", "not_json"),
        ("{'a': 1}", "not_json"),
        ("01", "not_json"),
        ("1 2", "not_json"),
        ("", "not_json"),
        ("\ufeff1", "not_json"),
    ],
)
def test_refuses_what_two_parsers_could_read_differently(text: str, code: str) -> None:
    with pytest.raises(NotStrict) as refusal:
        strict_json.whole(text)
    assert refusal.value.code == code
    assert code in REFUSALS
    assert refusal.value.at >= 1


def test_names_the_byte_that_is_not_utf8() -> None:
    with pytest.raises(NotStrict) as refusal:
        strict_json.decode(b'{"a": "\xb1\xe8"}')
    assert (refusal.value.code, refusal.value.at) == ("not_utf8", 8)


def test_takes_a_pair_of_surrogates_as_the_character_that_it_is() -> None:
    assert strict_json.whole('"\\ud83d\\ude00"') == "😀"


@settings(deadline=None)
@given(values)
def test_reads_what_json_writes(value: object) -> None:
    assert strict_json.whole(json.dumps(value)) == value


@settings(deadline=None)
@given(st.text() | st.text('{}[]",:\\u0d8a1eE+-. \n', max_size=60))
def test_raises_nothing_but_a_refusal(text: str) -> None:
    try:
        strict_json.whole(text)
    except NotStrict as refusal:
        assert refusal.code in REFUSALS


ITEMS = st.sampled_from(
    (
        *('"a":1', '"a": "b"', '"\\u0061":1', '"가":"나"', '"n":null', '"t":true', '"f":1.5', '"l":[1]', '"q":"\\""'),
        *('"o":{"a":1,"b":"c"}', '"o":{"a":1,"a":2}', '"o":{"a":{"b":1}}', '"o":{"a":[]}', '"e":{}', '"x":01', ""),
        *('"m":-9223372036854775808', '"m":9223372036854775807', '"m":18446744073709551615', '"c":"a\tb"'),
        '"o":{"m":9223372036854775808}',
    )
)
LINES = st.one_of(
    st.lists(ITEMS, max_size=3).map(lambda items: "{" + ",".join(items) + "}"),
    st.sampled_from(("1", "[]", "{", '{"a":1}{')),
)


@settings(deadline=None)
@given(st.lists(LINES, min_size=1, max_size=4))
def test_records_of_many_lines_are_those_of_each_line(texts: list[str]) -> None:
    records = strict_json.flat_records([text.encode() + b"\n" for text in texts])
    assert records is None or records == [strict_json.whole(text) for text in texts]


def test_many_lines_in_which_nothing_is_odd_are_read_together() -> None:
    texts = ['{"a":"가","o":{"b":1,"c":null}}', '{"a":true}', "{}"]
    assert strict_json.flat_records([text.encode() for text in texts]) == list(map(strict_json.whole, texts))
