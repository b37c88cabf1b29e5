import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.sources.contract import SourceRefused, SourceUnavailable
from notifications.sources.data_go_kr import read_reply
from tests.notifications.sources.source import gateway_error, reply

HEADER = "<header><resultCode>00</resultCode></header>"


def xml(items: str, counts: str = "<totalCount>1</totalCount>") -> bytes:
    return f"<response>{HEADER}<body>{items}{counts}</body></response>".encode()


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ({"item": [{"a": 1}, {"a": 2}]}, [{"a": 1}, {"a": 2}]),
        ({"item": {"a": 1}}, [{"a": 1}]),
        ([{"a": 1}], [{"a": 1}]),
        ({"item": []}, []),
        ({}, []),
        ("", []),
        (None, []),
    ],
)
def test_one_item_is_no_list_and_no_item_may_be_a_text(items: Any, expected: list[Any]) -> None:
    assert read_reply(reply(items, 7)).items == expected


def test_reads_the_same_out_of_xml() -> None:
    one = "<item><a>1</a><b/><subject><name>김가짜</name></subject></item>"
    read = read_reply(xml(f"<items>\n  {one}\n</items>", "<totalCount>9</totalCount><pageNo>2</pageNo><numOfRows/>"))
    assert read.items == [{"a": "1", "b": "", "subject": {"name": "김가짜"}}]
    assert (read.total, read.page, read.rows) == (9, 2, None)
    assert len(read_reply(xml(f"<items>{one}{one}{one}</items>")).items) == 3
    assert read_reply(xml("<items/>")).items == []


@pytest.mark.parametrize("declared", ["EUC-KR", "euc-kr", "KS_C_5601-1987", "cp949", "UTF-8"])
def test_xml_is_decoded_as_it_declares(declared: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{declared}" standalone="yes"?>\n'
        + xml("<items><item><name>똠방 김가짜</name></item></items>").decode()
    )
    codec = "utf-8" if declared == "UTF-8" else "cp949"
    assert read_reply(text.encode(codec)).items == [{"name": "똠방 김가짜"}]


def test_bytes_that_are_not_in_the_declared_character_set_are_refused() -> None:
    with pytest.raises(SourceRefused) as refusal:
        read_reply(b'<?xml version="1.0" encoding="EUC-KR"?><response>\xff\xff</response>')
    assert refusal.value.code == "not_xml"


def test_the_format_is_known_from_the_reply_whatever_stands_before_it() -> None:
    for body in (reply("", 0), xml("<items/>", "<totalCount>0</totalCount>")):
        assert read_reply(b"\xef\xbb\xbf \r\n" + body).total == 0


@pytest.mark.parametrize("code", ["00", "0", "0000", 0])
def test_success_is_written_in_several_ways(code: Any) -> None:
    assert read_reply(reply("", 0, code=code)).total == 0


@pytest.mark.parametrize("code", ["03", "3", 3])
def test_no_data_is_an_empty_page(code: Any) -> None:
    assert read_reply(reply("", 0, code=code)).items == []


@pytest.mark.parametrize("code", ["01", "04", "05", "21", "22", "23", "99"])
def test_a_code_that_passes_is_tried_again_later(code: str) -> None:
    for body in (reply("", 0, code=code), gateway_error(code)):
        with pytest.raises(SourceUnavailable) as failure:
            read_reply(body)
        assert failure.value.code == f"result_{code}"
        assert failure.value.retry_after is not None


@pytest.mark.parametrize("code", ["10", "11", "12", "20", "29", "30", "31", "77"])
def test_a_code_that_does_not_pass_needs_a_person(code: str) -> None:
    as_json = json.dumps({"OpenAPI_ServiceResponse": {"cmmMsgHeader": {"returnReasonCode": code}}}).encode()
    for body in (reply("", 0, code=code), gateway_error(code), as_json):
        with pytest.raises(SourceRefused, match=f"result_{code}"):
            read_reply(body)


BOMB = '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><response>&b;</response>'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (BOMB.encode(), "forbidden_xml"),
        (b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>', "forbidden_xml"),
        (b"<response><body>", "not_xml"),
        (b"<html><br></html>", "not_xml"),
        (b'<?xml version="1.0" encoding="x-unknown"?><r/>', "not_xml"),
        (b'<?xml version="1.0" encoding="klingon"?><r/>', "not_xml"),
        (b"<a>" * 20 + b"</a>" * 20, "too_deep"),
        (b"<a>" * 100_000 + b"</a>" * 100_000, "too_deep"),
        (b"<r/>", "wrong_shape"),
        (b"", "not_json"),
        (b"Service Unavailable", "not_json"),
        (b'{"response": NaN}', "not_a_number"),
        (b'{"response": {"header": 1}}', "wrong_shape"),
        (b'{"response": {"header": {"resultCode": true}}}', "wrong_shape"),
        (b'{"response": {"header": {"resultCode": "OK"}}}', "wrong_shape"),
        (b'{"response": {"header": {"resultCode": "00"}}}', "wrong_shape"),
        (b'{"response": {"header": {"resultCode": "00"}, "body": {}}}', "wrong_shape"),
        (b'{"response": {"header": {"resultCode": "00"}, "body": {"totalCount": -1}}}', "wrong_shape"),
        (b'{"response": {"header": {"resultCode": "00"}, "body": {"totalCount": 1e3}}}', "wrong_shape"),
    ],
)
def test_refuses_what_is_no_reply(body: bytes, code: str) -> None:
    with pytest.raises(SourceRefused) as refusal:
        read_reply(body)
    assert refusal.value.code == code


@settings(deadline=None)
@given(st.binary(max_size=60) | st.text('<>/&!ar[]{}":,0', max_size=60).map(str.encode))
def test_any_bytes_are_a_reply_or_a_failure_with_a_name(noise: bytes) -> None:
    for body in (noise, b"<r>" + noise + b"</r>", b'{"response":' + noise + b"}"):
        try:
            read_reply(body)
        except (SourceRefused, SourceUnavailable) as failure:
            assert failure.code
