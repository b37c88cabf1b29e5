import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.sources.contract import SourceRefused
from notifications.sources.strict_json import read_batch


def test_reads_the_records_of_a_batch() -> None:
    records = [
        {"external_id": "A-1", "subject": {"name": "김가짜"}, "fields": {"amount": 40000}},
        {"external_id": "A-2"},
    ]
    lines = read_batch(json.dumps({"records": records}, indent=1).encode())
    assert [(line.number, line.data) for line in lines] == [(1, records[0]), (2, records[1])]
    assert read_batch(b' {"records" : [ ] } ') == []


@pytest.mark.parametrize("record", [1, "x", None, [1], {"a": [1]}, {"fields": {"a": {"b": 1}}}, {"fields": {"a": [1]}}])
def test_names_the_record_that_is_of_another_shape(record: Any) -> None:
    bad, good = read_batch(json.dumps({"records": [record, {"a": 1}]}).encode())
    assert (bad.number, bad.error, bad.data) == (1, "wrong_shape", None)
    assert (good.number, good.error, good.data) == (2, "", {"a": 1})


@pytest.mark.parametrize(
    ("body", "code", "place"),
    [
        (b"", "wrong_shape", "records"),
        (b"[]", "wrong_shape", "records"),
        (b'{"records": {}}', "wrong_shape", "records"),
        (b'{"records": [], "more": 1}', "not_json", "record 1, character 14"),
        (b'{"records": [{}]', "not_json", "after record 1, character 16"),
        (b'{"records": [{} {}]}', "not_json", "after record 1"),
        (b'{"records": [{}]} x', "not_json", "after record 1"),
        (b'{"records": [{},]}', "not_json", "record 2, character 17"),
        (b'{"records": [{}, {"a": 1, "a": 2}]}', "duplicate_key", "record 2, character 18"),
        (b'{"records": [{"a": NaN}]}', "not_a_number", "record 1"),
        (b'{"records": [{"a": 1e999}]}', "number_too_large", "record 1"),
        (b'{"records": [{"a": "\\ud800"}]}', "lone_surrogate", "record 1"),
        (b'{"records": [{"a": "\\u0000"}]}', "control_character", "record 1"),
        (b'{"records": [' + b'{"a":' * 50_000, "too_deep", "record 1"),
        (b'{"records": [' + b"[" * 20 + b"]" * 20 + b"]}", "too_deep", "record 1"),
        (b'{"records": [{"a": "\xb1\xe8"}]}', "not_utf8", "byte 21"),
        (b'{"records": [{}, {}, {}]}', "too_many", "2 records"),
        (b" " * 600_000, "too_large", "500000"),
    ],
)
def test_refuses_a_batch_as_a_whole_and_says_where(body: bytes, code: str, place: str) -> None:
    with pytest.raises(SourceRefused) as refusal:
        read_batch(body, max_bytes=500_000, max_records=2)
    assert refusal.value.code == code
    assert place in refusal.value.detail


@settings(deadline=None)
@given(st.binary(max_size=80) | st.text('{}[]",:\\u0d8a1 records', max_size=80).map(str.encode))
def test_any_bytes_are_lines_or_a_refusal(noise: bytes) -> None:
    for body in (noise, b'{"records": [' + noise + b"]}"):
        try:
            read_batch(body)
        except SourceRefused as refusal:
            assert refusal.code
