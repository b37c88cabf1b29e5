"""The stub of the payment providers: durable, strict about authentication, one charge for an order, to the won."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from payments.providers import registry
from payments.providers.contract import Verdict
from tests.payments.providers.samples import Case, build, order, paid
from tests.support.payer import page_address, pay
from tests.support.sandbox_process import SandboxProcess

PROVIDERS = sorted(registry.providers())
providers = pytest.mark.parametrize("name", PROVIDERS)
DEVICES = 6
WRONG_KEYS = {
    "toss_payments": {"TOSS_PAYMENTS_SECRET_KEY": "test_sk_wrong"},
    "kakaopay": {"KAKAOPAY_SECRET_KEY": "wrong"},
    "naverpay": {"NAVERPAY_CLIENT_SECRET": "wrong"},
}


@providers
def test_what_was_taken_survives_kill_9(name: str, tmp_path: Path) -> None:
    with SandboxProcess(tmp_path) as sandbox:
        case = paid(name, sandbox)
        case.refund(2_000, 32_000)
        sandbox.kill()
        sandbox.start()
        assert case.poll().balance == 30_000
        assert case.moved() == [32_000, -2_000]
        assert case.refund(2_000, 32_000).balance == 30_000  # the same key: the same answer
        assert case.moved() == [32_000, -2_000]


@providers
def test_many_confirmations_at_once_take_the_money_once(name: str, sandbox: SandboxProcess) -> None:
    cases = [Case.start(name, sandbox) for _ in range(5)]
    for case in cases:
        case.pay()
    barrier = threading.Barrier(DEVICES)

    def confirm_all(device: int) -> list[Verdict]:
        provider = build(name, sandbox.environment)
        provider.poll(order_id="ps-warm-up", vendor_id="unknown")  # its connection is open now
        verdicts = []
        for case in cases:
            barrier.wait()
            assert case.returned is not None
            key = f"{case.order.order_id}-{device}"
            verdicts.append(provider.confirm(case.order, case.returned, key=key).verdict)
        return verdicts

    with ThreadPoolExecutor(DEVICES) as pool:
        notified = list(pool.map(confirm_all, range(DEVICES)))
    for number, case in enumerate(cases):
        verdicts = [verdicts[number] for verdicts in notified]
        assert verdicts.count(Verdict.PAID) == 1
        assert set(verdicts) == {Verdict.PAID, Verdict.UNKNOWN}
        assert case.moved() == [32_000]


@providers
def test_the_provider_stub_adds_up_and_names_orders_charged_twice(name: str, sandbox: SandboxProcess) -> None:
    sandbox.request("DELETE", "/control/payments")
    first, second = paid(name, sandbox, 40_000), paid(name, sandbox, 10_000)
    second.refund(4_000, 10_000)
    found = sandbox.payments(provider=name)
    expected = {"charges": 2, "charged": 50_000, "refunds": 1, "refunded": 4_000, "net": 46_000}
    assert found["totals"] == {name: expected}
    assert found["duplicates"] == []
    assert {each["order_id"]: each["balance"] for each in found["payments"]} == {
        first.order.order_id: 40_000,
        second.order.order_id: 6_000,
    }
    assert sandbox.payments(day="2020-01-01")["movements"] == []


@providers
def test_without_the_key_nothing_is_answered(name: str, sandbox: SandboxProcess) -> None:
    case = paid(name, sandbox)
    stranger = build(name, {**sandbox.environment, **WRONG_KEYS[name]})
    assert case.returned is not None
    known = {"order_id": case.order.order_id, "vendor_id": case.returned.vendor_id}
    assert stranger.poll(**known).verdict is Verdict.UNKNOWN
    stranger.refund(**known, amount=1, remainder=32_000, reason="-", key="k")
    assert case.moved() == [32_000]


@providers
def test_a_page_says_what_is_paid_in_korean_and_closes_after_use(name: str, sandbox: SandboxProcess) -> None:
    begun = build(name, sandbox.environment).begin(order(name='교통과태료 <b>"1"</b>'))
    opened = requests.get(page_address(begun), timeout=60)
    assert "32,000원 결제하기" in opened.text
    assert "교통과태료 &lt;b&gt;" in opened.text and "<b>" not in opened.text
    assert "http" not in opened.text.replace('http-equiv="', "")  # no asset from anywhere
    assert requests.post(opened.url, data={"act": "pay"}, allow_redirects=False, timeout=60).status_code == 303
    assert requests.get(opened.url, timeout=60).status_code == 410
    assert requests.post(opened.url, data={"act": "pay"}, timeout=60).status_code == 410
    assert requests.get(f"{opened.url}0", timeout=60).status_code == 404


@providers
def test_the_merchants_own_query_string_comes_back(name: str, sandbox: SandboxProcess) -> None:
    provider = build(name, sandbox.environment)
    begun = provider.begin(order(success_url="https://secretary.example/back?step=1"))
    assert pay(begun).query["step"] == "1"


@providers
@pytest.mark.parametrize(
    "wrong",
    [{"amount": 0}, {"name": ""}, {"success_url": "ftp://x"}, {"order_id": "x" * 101}, {"order_id": ""}],
    ids=["nothing-to-pay", "no-name", "no-address", "long-order", "no-order"],
)
def test_an_order_that_breaks_the_vendors_limits_is_not_opened(
    name: str, wrong: dict[str, object], sandbox: SandboxProcess
) -> None:
    provider, bad = build(name, sandbox.environment), replace(order(), **wrong)  # type: ignore[arg-type]
    if name == "toss_payments":
        assert requests.get(page_address(provider.begin(bad)), timeout=60).status_code == 400
        return
    with pytest.raises(Exception, match=r"-2|Fail"):
        provider.begin(bad)


@pytest.mark.parametrize(
    "change",
    [
        {"cancel_available_amount": 31_999},
        {"cancel_amount": 32_001},
        {"cancel_tax_free_amount": None},
        {"cid": "TC0OTHER00"},
    ],
)
def test_kakaopay_cancels_only_what_fits(change: dict[str, object], sandbox: SandboxProcess) -> None:
    case = paid("kakaopay", sandbox)
    assert case.returned is not None
    body = {
        "cid": sandbox.environment["KAKAOPAY_CID"],
        "tid": case.returned.vendor_id,
        "cancel_amount": 1_000,
        "cancel_tax_free_amount": 1_000,
        "cancel_available_amount": 32_000,
    }
    headers = {"Authorization": f"SECRET_KEY {sandbox.environment['KAKAOPAY_SECRET_KEY']}"}
    url = f"{sandbox.url}/online/v1/payment/cancel"
    answer = requests.post(url, json={**body, **change}, headers=headers, timeout=60)
    assert answer.status_code == 400 and answer.json()["error_code"] in (-2, -731)
    assert case.moved() == [32_000]
    assert requests.post(url, json=body, headers=headers, timeout=60).json()["status"] == "PART_CANCEL_PAYMENT"


def test_a_fault_for_all_that_is_sent_meets_every_call_that_changes_something(sandbox: SandboxProcess) -> None:
    case = paid("kakaopay", sandbox)
    sandbox.fault("kakaopay", "rate_limit", on="send")
    assert case.confirm().verdict is Verdict.OPEN
    assert case.poll().verdict is Verdict.PAID


def test_a_planned_refusal_is_the_vendors_own(sandbox: SandboxProcess) -> None:
    for name, code in (("toss_payments", "PROVIDER_ERROR"), ("kakaopay", "-785"), ("naverpay", "AlreadyOnGoing")):
        case = Case.start(name, sandbox)
        case.pay()
        sandbox.fault(name, "refuse", on="confirm", code=code, count=1)
        refused = case.confirm()
        assert (refused.verdict, refused.code) == (Verdict.UNKNOWN, code)
        assert case.confirm(f"again-{name}").verdict is Verdict.PAID
