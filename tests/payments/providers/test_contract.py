"""What every provider must hold to, against the sandbox's servers. A new provider is tested here by itself.

The bank in memory, which the tests of payments use, is held to it as well. What is about HTTP and pages it has not; and
of what we never do (another key, another order's id) it is stricter: it raises.
"""

from datetime import UTC, datetime, timedelta

import pytest

from payments.providers import registry
from payments.providers.contract import (
    ProviderRefused,
    ProviderUnavailable,
    RefundVerdict,
    Verdict,
)
from tests.payments.providers.samples import MEMORY, BankAlone, Case, build, environment, order, paid
from tests.support.sandbox_process import SandboxProcess

PROVIDERS = sorted(registry.providers())
providers = pytest.mark.parametrize("name", PROVIDERS)
banks = pytest.mark.parametrize("name", [*PROVIDERS, MEMORY])
NEVER_CAPTURED = (Verdict.OPEN, Verdict.DECLINED)


@pytest.fixture
def sandbox(name: str, sandbox: SandboxProcess) -> SandboxProcess:
    return BankAlone() if name == MEMORY else sandbox


@banks
def test_a_payment_is_captured_once_and_to_the_won(name: str, sandbox: SandboxProcess) -> None:
    case = Case.start(name, sandbox)
    assert case.pay().code == ""
    assert case.poll().verdict is Verdict.OPEN
    outcome = case.confirm()
    assert (outcome.verdict, outcome.amount, outcome.balance) == (Verdict.PAID, 32_000, 32_000)
    assert outcome.order_id == case.order.order_id
    assert outcome.approved_at is not None
    assert abs(outcome.approved_at - datetime.now(UTC)) < timedelta(minutes=1)
    asked = case.poll()
    assert (asked.verdict, asked.amount, asked.balance) == (Verdict.PAID, 32_000, 32_000)
    assert asked.vendor_id == outcome.vendor_id
    assert case.moved() == [32_000]


@banks
@pytest.mark.parametrize("key", ["confirm-1", "confirm-2"], ids=["same-key", "other-key"])
def test_a_second_confirmation_takes_nothing(name: str, key: str, sandbox: SandboxProcess) -> None:
    case = paid(name, sandbox)
    assert case.confirm(key).verdict in (Verdict.PAID, Verdict.UNKNOWN)
    assert case.poll().verdict is Verdict.PAID
    assert case.moved() == [32_000]


@banks
@pytest.mark.parametrize("fault", ["lose_answer", "error_after", "garbage"])
def test_captured_money_is_found_though_the_answer_was_lost(name: str, fault: str, sandbox: SandboxProcess) -> None:
    case = Case.start(name, sandbox)
    case.pay()
    sandbox.fault(name, fault, on="confirm", count=1)
    assert case.confirm().verdict is Verdict.UNKNOWN
    asked = case.poll()
    assert (asked.verdict, asked.amount) == (Verdict.PAID, 32_000)
    assert case.confirm().verdict in (Verdict.PAID, Verdict.UNKNOWN)
    assert case.moved() == [32_000]


@banks
@pytest.mark.parametrize("fault", ["black_hole", "reset", "error"])
def test_money_that_was_not_captured_can_still_be(name: str, fault: str, sandbox: SandboxProcess) -> None:
    case = Case.start(name, sandbox)
    case.pay()
    sandbox.fault(name, fault, on="confirm", count=1)
    assert case.confirm(patient=fault != "black_hole").verdict is Verdict.UNKNOWN
    assert case.poll().verdict is Verdict.OPEN
    assert case.moved() == []
    assert case.confirm().verdict is Verdict.PAID
    assert case.moved() == [32_000]


@providers
def test_too_many_requests_is_no_confirmation(name: str, sandbox: SandboxProcess) -> None:
    case = Case.start(name, sandbox)
    case.pay()
    sandbox.fault(name, "rate_limit", on="confirm", count=1, retry_after=7)
    outcome = case.confirm()
    assert (outcome.verdict, outcome.retry_after) == (Verdict.OPEN, 7.0)
    assert case.confirm().verdict is Verdict.PAID


@providers
def test_who_leaves_the_page_pays_nothing(name: str, sandbox: SandboxProcess) -> None:
    case = Case.start(name, sandbox)
    assert case.pay(leave=True).code
    assert case.confirm().verdict is Verdict.OPEN
    assert case.poll().verdict in NEVER_CAPTURED
    assert case.moved() == []


@providers
def test_half_an_hour_later_nothing_is_captured(name: str, sandbox: SandboxProcess) -> None:
    case = Case.start(name, sandbox)
    case.pay()
    sandbox.age_payment(name, case.order.order_id, 1800)
    assert case.provider.confirm_within < timedelta(seconds=1800)
    assert case.confirm().verdict is not Verdict.PAID
    assert case.poll().verdict in NEVER_CAPTURED
    assert case.moved() == []


@providers
def test_another_amount_is_never_reported_as_ours(name: str, sandbox: SandboxProcess) -> None:
    """Naver Pay's apply names no amount: there the answer's own must show it."""
    case = Case.start(name, sandbox)
    case.pay()
    outcome = case.confirm(amount=31_999)
    assert outcome.verdict is not Verdict.PAID or outcome.amount == 32_000
    assert case.moved() in ([], [32_000])


@providers
def test_what_another_order_brought_is_never_reported_as_ours(name: str, sandbox: SandboxProcess) -> None:
    ours, theirs = Case.start(name, sandbox), Case.start(name, sandbox, 70_000)
    ours.pay()
    ours.returned = theirs.pay()
    assert ours.confirm().verdict is not Verdict.PAID
    assert ours.poll().verdict is not Verdict.PAID
    assert ours.moved() == []


@banks
def test_a_refund_in_parts_leaves_the_right_balance(name: str, sandbox: SandboxProcess) -> None:
    case = paid(name, sandbox)
    first = case.refund(12_000, 32_000)
    assert (first.verdict, first.balance) == (RefundVerdict.DONE, 20_000)
    asked = case.poll()
    assert (asked.verdict, asked.amount, asked.balance) == (Verdict.PAID, 32_000, 20_000)
    last = case.refund(20_000, 20_000, "refund-2")
    assert (last.verdict, last.balance) == (RefundVerdict.DONE, 0)
    assert first.vendor_id and last.vendor_id and first.vendor_id != last.vendor_id
    assert case.poll().balance == 0
    assert case.moved() == [32_000, -12_000, -20_000]


@banks
@pytest.mark.parametrize("fault", ["lose_answer", "error_after", "garbage"])
def test_a_refund_whose_answer_was_lost_is_made_once(name: str, fault: str, sandbox: SandboxProcess) -> None:
    case = paid(name, sandbox)
    sandbox.fault(name, fault, on="cancel", count=1)
    assert case.refund(12_000, 32_000).verdict is RefundVerdict.UNKNOWN
    assert case.poll().balance == 20_000
    again = case.refund(12_000, 32_000)
    assert (again.verdict, again.balance) == (RefundVerdict.DONE, 20_000)
    assert case.moved() == [32_000, -12_000]


@banks
@pytest.mark.parametrize("fault", ["black_hole", "reset", "error", "rate_limit"])
def test_a_refund_that_did_not_arrive_is_polled_and_repeated(name: str, fault: str, sandbox: SandboxProcess) -> None:
    case = paid(name, sandbox)
    sandbox.fault(name, fault, on="cancel", count=1)
    assert case.refund(12_000, 32_000, patient=fault != "black_hole").verdict is RefundVerdict.UNKNOWN
    assert case.poll().balance == 32_000
    assert case.refund(12_000, 32_000).verdict is RefundVerdict.DONE
    assert case.moved() == [32_000, -12_000]


@banks
def test_more_than_is_left_is_not_refunded(name: str, sandbox: SandboxProcess) -> None:
    case = paid(name, sandbox)
    assert case.refund(32_001, 32_000).verdict is not RefundVerdict.DONE
    assert case.moved() == [32_000]


@banks
def test_a_refund_with_another_balance_in_mind_is_not_made(name: str, sandbox: SandboxProcess) -> None:
    case = paid(name, sandbox)
    case.refund(2_000, 32_000)
    assert case.refund(12_000, 32_000, "refund-2").verdict is not RefundVerdict.DONE
    assert case.moved() == [32_000, -2_000]


@banks
@pytest.mark.parametrize(("back", "left"), [(32_000, 0), (12_000, 20_000)], ids=["all", "part"])
@pytest.mark.parametrize("answered", [True, False], ids=["answered", "answer-lost"])
def test_what_was_paid_and_cancelled_is_never_reported_as_whole(
    name: str, back: int, left: int, answered: bool, sandbox: SandboxProcess
) -> None:
    """At the console, or by the provider's own net cancel after a time-out: its word for the order is not enough."""
    case = Case.start(name, sandbox)
    case.pay()
    if not answered:
        sandbox.fault(name, "lose_answer", on="confirm", count=1)
    case.confirm()
    assert case.refund(back, 32_000, "console").balance == left
    asked = case.poll()
    assert (asked.verdict, asked.amount, asked.balance) == (Verdict.PAID, 32_000, left)
    again = case.confirm("confirm-2")
    assert again.verdict is not Verdict.PAID or again.balance == left
    assert case.moved() == [32_000, -back]


@providers
def test_an_approval_that_is_repeated_under_its_key_is_polled(name: str, sandbox: SandboxProcess) -> None:
    """The first answer proves nothing about what happened to the money since."""
    case = paid(name, sandbox)
    case.refund(32_000, 32_000, "console")
    again = case.confirm()
    if name == "toss_payments":
        return  # it repeats its first answer word for word: nothing in it shows that. We confirm once per claim
    assert again.verdict is not Verdict.PAID


@pytest.mark.usefixtures("of_one_day")
@banks
@pytest.mark.parametrize("back", [32_000, 12_000], ids=["all", "part"])
def test_what_the_console_refunded_is_listed_or_found_by_polling(name: str, back: int, sandbox: SandboxProcess) -> None:
    """No later than polled: a provider that lists nothing must declare it, or nothing polls it again."""
    case = paid(name, sandbox)
    case.refund(back, 32_000, "console")
    assert case.poll().balance == 32_000 - back
    today = (datetime.now(UTC) + timedelta(hours=9)).date()
    try:
        listed = [line.amount for line in case.provider.settlements(today) if line.order_id == case.order.order_id]
    except ProviderRefused as refused:
        assert (refused.code, case.provider.lists_settlements) == ("not_published", False)
    else:
        assert case.provider.lists_settlements and -back in listed


@pytest.mark.usefixtures("of_one_day")
@banks
def test_the_settlement_agrees_with_the_provider_stub(name: str, sandbox: SandboxProcess) -> None:
    case = paid(name, sandbox)
    case.refund(12_000, 32_000)
    today = datetime.now(UTC) + timedelta(hours=9)
    if not case.provider.lists_settlements:
        with pytest.raises(ProviderRefused, match="not_published"):
            case.provider.settlements(today.date())
        return
    lines = [line for line in case.provider.settlements(today.date()) if line.order_id == case.order.order_id]
    assert sorted(line.amount for line in lines) == [-12_000, 32_000]
    assert {line.vendor_id for line in lines} == {case.poll().vendor_id}
    assert {line.happened_at.astimezone(UTC).date() for line in lines} == {datetime.now(UTC).date()}
    assert case.provider.settlements(today.date() - timedelta(days=2)) == []


@providers
@pytest.mark.parametrize("fault", ["lose_answer", "black_hole", "reset", "error", "rate_limit", "garbage"])
def test_a_page_that_does_not_open_takes_nothing(name: str, fault: str, sandbox: SandboxProcess) -> None:
    provider = build(name, sandbox.environment, total_seconds=0.4)
    sandbox.fault(name, fault, on="begin", count=1)
    if name == "toss_payments":  # the browser opens it, not we
        assert provider.begin(order()).window is not None
        return
    with pytest.raises(ProviderUnavailable):
        provider.begin(order())


@providers
def test_a_refused_connection_means_not_captured_and_nothing_known(name: str, sandbox: SandboxProcess) -> None:
    case = Case.start(name, sandbox)
    returned = case.pay()
    away = build(name, {**sandbox.environment, **environment("http://127.0.0.1:1")})
    if name != "toss_payments":
        with pytest.raises(ProviderUnavailable):
            away.begin(case.order)
    assert away.confirm(case.order, returned, key="k").verdict is Verdict.OPEN
    known = {"order_id": case.order.order_id, "vendor_id": returned.vendor_id}
    assert away.poll(**known).verdict is Verdict.UNKNOWN
    back = away.refund(**known, amount=1, remainder=1, reason="-", key="k")
    assert back.verdict is RefundVerdict.UNKNOWN
    with pytest.raises((ProviderUnavailable, ProviderRefused)):
        away.settlements(datetime.now(UTC).date())
