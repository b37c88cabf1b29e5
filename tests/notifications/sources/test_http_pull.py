import gzip
import json
import logging
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications.sources import config, registry
from notifications.sources.contract import Page, SourceRefused, SourceUnavailable
from notifications.sources.http_pull import Config, HttpPull, decoded_key
from tests.notifications.sources.source import Answer, Source, gateway_error, paged, reply, serving

KEY = "a+b/c=="
NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
RECORDS = [{"external_id": f"A-{number}", "changeNo": number} for number in range(1, 8)]
BY_NUMBER = {"changed_param": "changedAfter", "changed_field": "changeNo"}


def puller(source: Source, **given: Any) -> HttpPull:
    loaded = config.load(Config, {"url": source.url, "rows": 3, **given})
    return HttpPull(loaded, key=KEY, allow_private=True, clock=lambda: NOW)


def ids(pages: list[Page]) -> list[str]:
    return [line.data["external_id"] for page in pages for line in page.lines if line.data]


def failing(answer: Answer, **given: Any) -> SourceRefused | SourceUnavailable:
    with serving(answer) as source, pytest.raises((SourceRefused, SourceUnavailable)) as failure:
        list(puller(source, **given).pages({}))
    assert isinstance(failure.value, SourceRefused | SourceUnavailable)
    return failure.value


def always(body: bytes, status: int = 200, **headers: str) -> Answer:
    return lambda _query: (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def test_reads_all_pages_and_goes_on_from_the_newest_change() -> None:
    with serving(paged(RECORDS)) as source:
        pages = list(puller(source, **BY_NUMBER).pages({}))
        assert ids(pages) == [f"A-{number}" for number in range(1, 8)]
        assert [(page.total, page.place) for page in pages] == [(7, "page 1"), (7, "page 2"), (7, "page 3")]
        assert pages[-1].next_cursor == {"changed_after": "7", "page": 1}
        later = list(puller(source, **BY_NUMBER).pages(pages[-1].next_cursor))
        assert ids(later) == []
        assert later[-1].next_cursor == pages[-1].next_cursor


def test_asks_with_the_names_and_values_of_the_settings() -> None:
    with serving(always(reply("", 0, rows=3))) as source:
        given = {"params": {"agency": "경찰청"}, "format_param": "_type", "start_after": "9", **BY_NUMBER}
        list(puller(source, **given).pages({}))
        assert parse_qs(source.queries[0]) == {
            "serviceKey": [KEY],
            "pageNo": ["1"],
            "numOfRows": ["3"],
            "_type": ["json"],
            "changedAfter": ["9"],
            "agency": ["경찰청"],
        }


@pytest.mark.parametrize("key", [KEY, "a%2Bb%2Fc%3D%3D", " a%2bb%2Fc%3D%3D\n"])
def test_a_key_in_either_form_is_encoded_exactly_once(key: str) -> None:
    with serving(always(reply("", 0))) as source:
        list(HttpPull(Config(url=source.url), key=key, allow_private=True).pages({}))
        assert "serviceKey=a%2Bb%2Fc%3D%3D&" in source.queries[0]
    assert decoded_key(key) == KEY


@pytest.mark.parametrize("crash_after", [1, 2])
def test_a_crash_between_pages_loses_and_repeats_nothing(crash_after: int) -> None:
    with serving(paged(RECORDS)) as source:
        reading = puller(source, **BY_NUMBER).pages({})
        before = [next(reading) for _ in range(crash_after)]
        stored = json.loads(json.dumps(before[-1].next_cursor))
        after = list(puller(source, **BY_NUMBER).pages(stored))
    assert ids(before) + ids(after) == [f"A-{number}" for number in range(1, 8)]
    assert after[-1].next_cursor == {"changed_after": "7", "page": 1}


def test_numbers_as_marks_are_compared_as_numbers() -> None:
    records = [{"external_id": "A", "changeNo": 9}, {"external_id": "B", "changeNo": 10}]
    with serving(paged(records)) as source:
        assert list(puller(source, **BY_NUMBER).pages({}))[-1].next_cursor["changed_after"] == "10"


def test_another_page_size_begins_the_run_again() -> None:
    with serving(paged(RECORDS)) as source:
        first = next(puller(source, **BY_NUMBER).pages({}))
        assert len(ids(list(puller(source, rows=4, **BY_NUMBER).pages(first.next_cursor)))) == 7


def test_a_source_that_gives_smaller_pages_is_read_in_its_pages() -> None:
    def answer(query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        return paged(RECORDS)({**query, "numOfRows": str(min(2, int(query["numOfRows"])))})

    with serving(answer) as source:
        assert len(ids(list(puller(source, **BY_NUMBER).pages({})))) == 7


def test_records_that_come_meanwhile_are_read_too() -> None:
    with serving(paged(RECORDS)) as source:
        reading = puller(source, **BY_NUMBER).pages({})
        first = next(reading)
        source.answer = paged([*RECORDS, {"external_id": "A-8", "changeNo": 8}])
        assert len(ids([first, *reading])) == 8


def test_pages_that_shifted_are_read_again_from_the_first() -> None:
    with serving(paged(RECORDS)) as source:
        reading = puller(source, **BY_NUMBER).pages({})
        next(reading)
        source.answer = paged(RECORDS[1:])
        assert ids(list(reading)) == [f"A-{number}" for number in range(2, 8)]


def test_a_window_ends_once_for_the_whole_run_and_is_the_next_mark() -> None:
    window = {"changed_param": "from", "until_param": "to", "time_format": "%Y%m%d%H%M"}
    with serving(paged(RECORDS)) as source:
        pages = list(puller(source, **window).pages({}))
        assert {parse_qs(query)["to"][0] for query in source.queries} == {"202604011159"}
        assert pages[-1].next_cursor == {"changed_after": "202604011159", "page": 1}


def test_a_source_that_never_stands_still_is_left_for_later() -> None:
    totals = iter(range(100, 0, -1))

    def answer(query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, reply({"item": [{}, {}, {}]}, next(totals), int(query["pageNo"]), 3)

    assert failing(answer).code == "moving"


def test_a_page_that_lacks_records_is_refused_after_a_second_look() -> None:
    short = reply({"item": [{}, {}]}, 7, rows=3)
    assert failing(always(short)).code == "truncated"
    answers = iter([short, reply({"item": [{}, {}, {}]}, 3, rows=3)])
    with serving(lambda _query: (200, {}, next(answers))) as source:
        assert len(list(puller(source).pages({}))) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (reply({"item": [{}, {}, {}]}, 3, page=2, rows=3), "wrong_page"),
        (reply({"item": [{}, {}, {}]}, 3, rows=4), "wrong_page"),
        (reply({"item": [{}, {}, {}, {}]}, 4, rows=3), "truncated"),
        (gateway_error("30"), "result_30"),
    ],
)
def test_a_reply_that_cannot_be_right_is_refused(body: bytes, code: str) -> None:
    failure = failing(always(body))
    assert (type(failure), failure.code) == (SourceRefused, code)


def test_the_daily_limit_is_tried_again_later() -> None:
    failure = failing(always(gateway_error("22")))
    assert isinstance(failure, SourceUnavailable)
    assert failure.retry_after == 3600


@pytest.mark.parametrize(
    ("status", "headers", "kind", "wait"),
    [
        (429, {"Retry_After": "7"}, SourceUnavailable, 7.0),
        (503, {"Retry_After": "Wed, 21 Oct 2015 07:28:00 GMT"}, SourceUnavailable, 0.0),
        (500, {"Retry_After": "soon"}, SourceUnavailable, None),
        (502, {"Retry_After": "999999999"}, SourceUnavailable, 86_400.0),
        (403, {}, SourceRefused, None),
        (404, {}, SourceRefused, None),
        (204, {}, SourceRefused, None),
    ],
)
def test_an_http_error_says_whether_to_come_back(
    status: int, headers: dict[str, str], kind: type, wait: float | None
) -> None:
    failure = failing(always(b"", status, **headers))
    assert (type(failure), failure.code) == (kind, f"http_{status}")
    assert getattr(failure, "retry_after", None) == wait


def test_a_redirect_is_refused_and_not_followed() -> None:
    with serving(always(b"", 302, Location="http://127.0.0.1:1/")) as source:
        with pytest.raises(SourceRefused, match="redirect"):
            list(puller(source).pages({}))
        assert len(source.queries) == 1


def test_an_answer_that_is_cut_off_is_tried_again() -> None:
    failure = failing(always(b'{"resp', Content_Length="100"))
    assert (type(failure), failure.code) == (SourceUnavailable, "network")


@pytest.mark.parametrize("body", [b" " * 3_000, gzip.compress(b" " * 3_000_000)])
def test_an_answer_that_is_too_large_is_not_read_to_its_end(body: bytes) -> None:
    headers = {"Content_Encoding": "gzip"} if body.startswith(b"\x1f\x8b") else {}
    assert failing(always(body, **headers), max_bytes=2_000).code == "too_large"  # type: ignore[arg-type]


def test_an_address_without_a_server_is_tried_again() -> None:
    with serving(always(b"")) as source:
        pass
    with pytest.raises(SourceUnavailable) as failure:
        list(puller(source).pages({}))
    assert failure.value.code == "network"


def test_an_address_of_our_own_network_is_refused_unless_allowed() -> None:
    with serving(always(reply("", 0))) as source:
        with pytest.raises(SourceRefused, match="forbidden_address"):
            list(HttpPull(Config(url=source.url), key=KEY).pages({}))
        assert source.queries == []


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "http://", "http://[", "http://u:p@127.0.0.1/", "", "http://a\x00b/"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SourceRefused):
        list(HttpPull(Config(url=url), key=KEY, allow_private=True).pages({}))


def test_the_key_is_in_no_message_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for answer in (always(b"", 500), always(b"{", Content_Length="9"), always(gateway_error("30"))):
        failure = failing(answer)
        assert "serviceKey" not in repr(failure)
        assert failure.__suppress_context__ or failure.__context__ is None
    assert "serviceKey" not in caplog.text


def test_an_item_of_another_shape_is_named_and_the_others_are_read() -> None:
    with serving(always(reply({"item": [{"a": 1}, "x", {"b": [1]}]}, 3, rows=3))) as source:
        [page] = puller(source).pages({})
        assert [(line.number, line.error) for line in page.lines] == [(1, ""), (2, "wrong_shape"), (3, "wrong_shape")]


def test_the_agencys_names_become_ours() -> None:
    naming = {"columns": {"고지번호": "external_id"}, "constants": {"data_type": "traffic_fine"}}
    with serving(always(reply({"item": {"고지번호": "A-1"}}, 1, rows=3))) as source:
        [page] = puller(source, **naming).pages({})
        assert page.lines[0].data == {"external_id": "A-1", "data_type": "traffic_fine"}


@pytest.mark.parametrize(
    "settings_given",
    [
        {},
        {"url": 1},
        {"url": "", "pages": 1},
        {"url": "", "rows": 0},
        {"url": "", "format": "csv"},
        {"url": "", "changed_param": "x"},
    ],
)
def test_settings_that_cannot_work_are_refused(settings_given: dict[str, Any]) -> None:
    with pytest.raises(registry.BadSetting):
        registry.build("http_pull", settings_given, {"service_key": registry.HostKey(KEY, frozenset({"127.0.0.1"}))})


def test_a_pull_without_its_key_is_refused() -> None:
    with pytest.raises(registry.BadSetting, match="service_key"):
        registry.build("http_pull", {"url": "http://127.0.0.1/"}, {})


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    status=st.sampled_from([200, 200, 200, 301, 404, 500]),
    body=st.binary(max_size=50) | st.sampled_from([reply({"item": [{}]}, 1, rows=3), gateway_error("99")]),
    cut=st.integers(0, 200),
)
def test_whatever_a_source_answers_is_pages_or_a_failure_with_a_name(
    noisy: Source, status: int, body: bytes, cut: int
) -> None:
    noisy.answer = always(body[: cut or None], status)
    try:
        list(puller(noisy).pages({}))
    except (SourceRefused, SourceUnavailable) as failure:
        assert failure.code


@pytest.fixture(scope="module")
def noisy() -> Any:
    with serving(always(b"")) as source:
        yield source
