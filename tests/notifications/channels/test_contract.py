"""Test the contract of every adapter, for each vendor. A new adapter is tested here automatically."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict

import pytest

from notifications.channels import registry, twilio_sms
from notifications.channels.codes import carriers, kakao, nhn_alimtalk, nhn_sms, solapi
from notifications.channels.contract import Channel, ForgedCallback, UnreadableCallback, Verdict
from secretary.kernel.adapters import config
from tests.notifications.channels.samples import asked, build, by_reference, callback, message
from tests.support.gateway_stub import CLOSE, RESET, SILENCE, gateway, http

ADAPTERS = sorted(registry.adapters())
FAULTS = {
    "reset": (RESET, Verdict.UNKNOWN),
    "closed": (CLOSE, Verdict.UNKNOWN),
    "half-answer": (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", Verdict.UNKNOWN),
    "no-http": (b"\x00\x01\x02", Verdict.UNKNOWN),
    "garbage-200": (http(200, b"<html>hello</html>"), Verdict.UNKNOWN),
    "empty-200": (http(200), Verdict.UNKNOWN),
    "list-200": (http(200, b"[]"), Verdict.UNKNOWN),
    "null-200": (http(200, b"null"), Verdict.UNKNOWN),
    "empty-object-200": (http(200, b"{}"), Verdict.UNKNOWN),
    "deep-200": (http(200, b"[" * 100_000), Verdict.UNKNOWN),
    "bytes-200": (http(200, b"\xff\xfe{}"), Verdict.UNKNOWN),
    "500": (http(500, b"oops"), Verdict.UNKNOWN),
    "502": (http(502, b"<html>"), Verdict.UNKNOWN),
    "503": (http(503), Verdict.UNKNOWN),
    "503-retry-after": (http(503, Retry_After="5"), Verdict.RETRY_LATER),
    "429": (http(429), Verdict.RETRY_LATER),
    "garbage-400": (http(400, b"<html>"), Verdict.RETRY_LATER),
    "redirect": (http(302, Location="http://127.0.0.1:1/"), Verdict.UNKNOWN),
    "silence": (SILENCE, Verdict.UNKNOWN),
}
MESSAGES = [message(1), message(2, template="licence_renewal-d30-ko-1"), message(3)]


def seconds(fault: str) -> float:
    """Only silence ends by the time limit. Any other answer may take as long as this machine needs for it."""
    return 0.5 if fault == "silence" else 30.0


def send(channel: Channel) -> dict[str, Verdict]:
    outcomes = by_reference(channel.send(MESSAGES, batch_key="batch-1"))
    assert sorted(outcomes) == ["ps-1", "ps-2", "ps-3"]
    return {reference: outcome.verdict for reference, outcome in outcomes.items()}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ADAPTERS)
def test_every_message_has_one_outcome_under_every_fault(name: str, fault: str) -> None:
    answer, verdict = FAULTS[fault]
    with gateway(lambda _: answer) as stub:
        assert set(send(build(name, stub.url, total_seconds=seconds(fault))).values()) == {verdict}


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_refused_connection_is_tried_later(name: str) -> None:
    assert set(send(build(name, "http://127.0.0.1:1")).values()) == {Verdict.RETRY_LATER}


@pytest.mark.parametrize("name", ADAPTERS)
def test_retry_after_is_handed_on(name: str) -> None:
    with gateway(lambda _: http(429, Retry_After="7")) as stub:
        outcomes = build(name, stub.url).send(MESSAGES, batch_key="batch-1")
    assert {outcome.retry_after for outcome in outcomes} == {7.0}


@pytest.mark.parametrize("name", ADAPTERS)
def test_text_that_utf8_cannot_hold_does_not_stop_a_batch(name: str) -> None:
    values = {"이름": "\ud800"}
    broken = message(1)._replace(text="\ud800", values=values)
    with gateway(lambda _: http(429)) as stub:
        outcomes = by_reference(build(name, stub.url).send([broken, message(2)], batch_key="batch-1"))
    assert {outcome.verdict for outcome in outcomes.values()} == {Verdict.RETRY_LATER}


@pytest.mark.parametrize("name", ADAPTERS)
@pytest.mark.parametrize("address", ["", "한글", "1\r\nX-Evil: 1", "\x00", "9" * 5000])
def test_an_impossible_address_does_not_stop_a_batch(name: str, address: str) -> None:
    with gateway(lambda _: http(429)) as stub:
        batch = [message(1)._replace(address=address), message(2)]
        outcomes = by_reference(build(name, stub.url).send(batch, batch_key="batch-1"))
    assert outcomes["ps-2"].verdict is Verdict.RETRY_LATER
    assert outcomes["ps-1"].verdict in (Verdict.RETRY_LATER, Verdict.UNDELIVERABLE)
    assert not any("x-evil" in request.headers for request in stub.received)


HOSTILE = json.dumps("\x00\ud800" + "한" * 500)
BODIES = {
    "twilio_sms": '{"sid": %s, "status": "queued", "error_code": %s}',
    "nhn_alimtalk": '{"header": {"resultCode": %s, "isSuccessful": false}, "message": null}',
    "nhn_sms": '{"header": {"resultCode": %s, "isSuccessful": false}, "body": null}',
    "solapi_smart_notification": '{"errorCode": %s}',
    "solapi_alimtalk": '{"errorCode": %s}',
    "solapi_sms": '{"errorCode": %s}',
    "sens_alimtalk": '{"requestId": %s, "error": {"errorCode": %s}}',
    "sens_sms": '{"requestId": %s, "error": {"errorCode": %s}}',
    "apps_in_toss": '{"resultType": "FAIL", "error": {"errorCode": %s}}',
}


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("name", ADAPTERS)
def test_whatever_a_gateway_says_fits_our_columns(name: str, status: int) -> None:
    body = BODIES.get(name, "%s").replace("%s", HOSTILE).encode()
    with gateway(lambda _: http(status, body)) as stub:
        for outcome in build(name, stub.url).send(MESSAGES, batch_key="batch-1"):
            assert len(outcome.code) <= 40
            assert len(outcome.vendor_id) <= 80
            assert (outcome.code + outcome.vendor_id).isprintable()


@pytest.mark.parametrize("name", ADAPTERS)
def test_nothing_to_send_is_no_request(name: str) -> None:
    with gateway(lambda _: http(500)) as stub:
        channel = build(name, stub.url)
        assert channel.send([], batch_key="batch-1") == []
        assert channel.poll([]) == []
    assert stub.received == []


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", ADAPTERS)
def test_a_poll_without_a_readable_answer_decides_nothing(name: str, fault: str) -> None:
    """Above all it must not report that the message was never sent."""
    items = [asked(message(1)), asked(message(2), vendor_id="known/1")]
    with gateway(lambda _: FAULTS[fault][0]) as stub:
        assert build(name, stub.url, total_seconds=seconds(fault)).poll(items) == []


@pytest.mark.parametrize("name", ADAPTERS)
@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"{}", b"\xff", b"[" * 100_000, b"a=b&a=c"])
def test_a_callback_without_authentication_is_forged_or_unreadable(name: str, body: bytes) -> None:
    with pytest.raises((ForgedCallback, UnreadableCallback)):
        build(name, "http://127.0.0.1:1").receive(callback(body))


@pytest.mark.parametrize("name", ADAPTERS)
def test_an_adapter_declares_what_it_is(name: str) -> None:
    adapter = registry.adapters()[name]
    assert adapter.channel in ("sms", "kakaotalk", "naver", "toss")
    assert adapter.address_kind in ("phone", "toss_user_key")
    assert adapter.reports_by in ("callback", "poll", "answer")
    assert 1 <= adapter.max_batch <= 1000


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_missing_setting_is_named(name: str) -> None:
    required = [item.name for item in registry.env_names(name) if item.required]
    assert registry.missing(name, {}) == required
    with pytest.raises(registry.MissingSetting, match=required[0]):
        registry.build(name, {}, callback_url="")


@pytest.mark.parametrize("name", ADAPTERS)
def test_settings_do_not_show_in_a_repr(name: str) -> None:
    """In the `repr` of the adapter, and of its settings, which hold them."""
    env = {item.name: "hush-hush" for item in registry.env_names(name) if not item.name.endswith("_NETWORKS")}
    adapter = registry.build(name, env, callback_url="")
    settings = config.load(sys.modules[type(adapter).__module__].Config, env)
    assert "hush-hush" in asdict(settings).values()
    assert "hush-hush" not in f"{adapter!r} {settings!r}"


def test_an_unknown_adapter_is_named_with_those_there_are() -> None:
    with pytest.raises(LookupError, match="twilio_sms"):
        registry.build("carrier_pigeon", {})


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_code_about_a_value_sends_the_person_another_way_and_stops_no_template(name: str) -> None:
    adapter = registry.adapters()[name]
    tables: dict[str, Callable[[str], set[Verdict | None]]] = {
        "nhn_alimtalk": lambda code: {nhn_alimtalk.API.get(code), kakao.CODES.get(code)} - {None},
        "nhn_sms": lambda code: {nhn_sms.API.get(code), carriers.CODES.get(code)} - {None},
        "solapi_smart_notification": lambda code: {solapi.CODES[code]},
        "solapi_alimtalk": lambda code: {solapi.CODES[code]},
        "solapi_sms": lambda code: {solapi.CODES[code]},
        "sens_alimtalk": lambda code: {kakao.CODES[code]},
        "sens_sms": lambda code: {carriers.CODES[code]},
        "twilio_sms": lambda code: {twilio_sms.CODES[code]},
    }
    for code in adapter.value_codes:
        assert tables[name](code) == {Verdict.UNDELIVERABLE}
