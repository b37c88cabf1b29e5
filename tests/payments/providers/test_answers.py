"""What every provider must make of answers, callbacks and returns that are none, and what it says of itself."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest

from payments.providers import registry
from payments.providers.contract import (
    Callback,
    ForgedCallback,
    ProviderRefused,
    ProviderUnavailable,
    RefundVerdict,
    Returned,
    UnreadableCallback,
    Verdict,
)
from secretary.kernel.adapters import config
from tests.payments.providers.samples import build, environment, order
from tests.support.gateway_stub import CLOSE, RESET, SILENCE, gateway, http

PROVIDERS = sorted(registry.providers())
providers = pytest.mark.parametrize("name", PROVIDERS)
STRANGE = {
    "reset": RESET,
    "closed": CLOSE,
    "half-answer": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
    "no-http": b"\x00\x01\x02",
    "garbage-200": http(200, b"<html>hello</html>"),
    "empty-200": http(200),
    "list-200": http(200, b"[1]"),
    "null-200": http(200, b"null"),
    "empty-object-200": http(200, b"{}"),
    "deep-200": http(200, b"[" * 100_000),
    "bytes-200": http(200, b"\xff\xfe{}"),
    "500": http(500, b"oops"),
    "503-retry-after": http(503, Retry_After="5"),
    "garbage-400": http(400, b"<html>"),
    "empty-object-400": http(400, b"{}"),
    "redirect": http(302, Location="http://127.0.0.1:1/"),
    "silence": SILENCE,
}


@providers
@pytest.mark.parametrize("strange", STRANGE)
def test_an_answer_that_makes_no_sense_is_unknown_and_never_an_error(name: str, strange: str) -> None:
    with gateway(lambda _: STRANGE[strange]) as stub:
        provider = build(name, environment(stub.url), total_seconds=0.4 if strange == "silence" else 30.0)
        returned = Returned("ps-000001", "v1", token="t")
        assert provider.confirm(order(), returned, key="k").verdict is Verdict.UNKNOWN
        assert provider.poll(order_id="ps-000001", vendor_id="v1").verdict is Verdict.UNKNOWN
        back = provider.refund(order_id="ps-000001", vendor_id="v1", amount=1, remainder=1, reason="-", key="k")
        assert back.verdict is RefundVerdict.UNKNOWN
        if name != "toss_payments":
            with pytest.raises((ProviderUnavailable, ProviderRefused)):
                provider.begin(order())
        with pytest.raises((ProviderUnavailable, ProviderRefused)):
            provider.settlements(datetime.now(UTC).date())


REFUSALS = {
    "toss_payments": b'{"code": "REJECT_CARD_PAYMENT", "message": "-"}',
    "kakaopay": b'{"error_code": -780, "error_message": "-"}',
    "naverpay": b'{"code": "NotEnoughAccountBalance", "message": "-", "body": null}',
}


@providers
@pytest.mark.parametrize("status", [302, 500, 502, 503])
def test_a_refusal_with_a_servers_error_proves_nothing(name: str, status: int) -> None:
    """It may be a proxy's, made up after the money was captured."""
    with gateway(lambda _: http(status, REFUSALS[name])) as stub:
        provider = build(name, environment(stub.url))
        outcome = provider.confirm(order(), Returned("ps-000001", "v1", token="t"), key="k")
    assert (outcome.verdict, outcome.code) == (Verdict.UNKNOWN, f"http-{status}")


@providers
@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"orderId": 7}', b"a=b"])
def test_a_callback_that_is_none_is_forged_or_unreadable(name: str, body: bytes) -> None:
    with pytest.raises((ForgedCallback, UnreadableCallback)):
        build(name, environment("http://127.0.0.1:1")).receive(Callback({}, body, {}))


@providers
@pytest.mark.parametrize(
    "query", [{}, {"amount": "x"}, {"paymentKey": "한\r\n글" * 900, "code": "\x00", "resultCode": "9" * 999}]
)
def test_whatever_a_browser_brings_can_be_kept(name: str, query: dict[str, str]) -> None:
    returned = build(name, environment("http://127.0.0.1:1")).read_return(query)
    assert len(returned.code) <= 40 and len(returned.vendor_id) <= 200 and len(returned.order_id) <= 64
    assert (returned.code + returned.vendor_id + returned.token).isascii()
    assert returned.code or returned.vendor_id


@providers
def test_a_provider_declares_what_it_is(name: str) -> None:
    provider = registry.providers()[name]
    assert provider.name == name
    assert set(provider.title) == {"ko", "en"}
    assert provider.confirm_within > timedelta(0)


@providers
def test_a_missing_setting_is_named(name: str) -> None:
    required = [item.name for item in registry.env_names(name) if item.required]
    assert registry.missing(name, {}) == required
    with pytest.raises(registry.MissingSetting, match=required[0]):
        registry.build(name, {})


@providers
def test_settings_and_tokens_do_not_show_in_a_repr(name: str) -> None:
    env = {item.name: "hush-hush" for item in registry.env_names(name)}
    provider = registry.build(name, env)
    settings = config.load(sys.modules[type(provider).__module__].Config, env)
    assert "hush-hush" in asdict(settings).values()
    assert "hush-hush" not in f"{provider!r} {settings!r}"
    assert "secret-token" not in repr(provider.read_return({"pg_token": "secret-token"}))


def test_an_unknown_provider_is_named_with_those_there_are() -> None:
    with pytest.raises(LookupError, match="kakaopay"):
        registry.build("piggy_bank", {})
