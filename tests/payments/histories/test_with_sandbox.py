"""The engine, three adapters and the biller against the sandbox's servers, over HTTP, from bill to reconciliation."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from payments import adapters
from payments.checkout.pay_bill import begin_payment, confirm_payment
from payments.checkout.poll_payments import poll_payments
from payments.checkout.poll_settled import poll_settled
from payments.checkout.post_to_agency import post_to_agencies
from payments.models import AgencyPosting, Payment
from payments.reconciliation.reconcile import reconcile
from payments.refunds.carry_out_refund import carry_out_refunds
from payments.refunds.request_refund import approve_refund
from payments.refusals import Refused
from secretary.kernel.time.clock import kst_date
from tests.payments.cast import alice_owes, let_time_pass, urls
from tests.support.payer import pay
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
PROVIDERS = ["kakaopay", "naverpay", "toss_payments"]
NOW = datetime.now(UTC)  # each test has its own


@pytest.fixture(autouse=True)
def at_its_own_time(of_one_day: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox's clock is the real one: what we do now is of the same day."""
    monkeypatch.setattr(f"{__name__}.NOW", datetime.now(UTC))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(Path(tmp_path_factory.mktemp("sandbox"))) as process:
        yield process


@pytest.fixture
def sandbox(running: SandboxProcess, settings: Any) -> Iterator[SandboxProcess]:
    running.clear_faults()
    settings.ADAPTER_CONFIG = running.environment
    adapters.forget()
    yield running
    adapters.forget()


class Errand:
    """Alice pays a fine that the sandbox's agency knows too."""

    def __init__(self, sandbox: SandboxProcess, provider: str) -> None:
        self.alice, self.bill = alice_owes(fields={"due_on": "2099-01-02"})
        reported = {"external_id": self.bill.record.external_id, "data_type": "traffic_fine", "version": 1}
        sandbox.request("POST", "/control/agencies/knpa/records", [{**reported, "state": "open", "fields": {}}])
        self.sandbox, self.provider = sandbox, provider

    def go(self) -> Payment:
        payment, begun = begin_payment(
            citizen=self.alice, bill_id=self.bill.pk, provider=self.provider, return_urls=urls, now=NOW
        )
        query = pay(begun).query
        return confirm_payment(citizen=self.alice, order_id=payment.order_id, query=query, now=NOW)

    def moved(self, payment: Payment) -> list[int]:
        found = self.sandbox.payments(order_id=payment.order_id)["movements"]
        return [movement["amount"] for movement in found]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_fine_is_paid_posted_and_reconciled(sandbox: SandboxProcess, provider: Any) -> None:
    errand = Errand(sandbox, provider)
    paid = errand.go()
    assert (paid.state, errand.moved(paid)) == ("paid", [40000])
    post_to_agencies(now=NOW)
    assert AgencyPosting.objects.get().state == "acknowledged"
    run = reconcile(day=kst_date(NOW), now=NOW).run
    ours = run.differences.filter(payment=paid, resolved_at=None)
    assert list(ours.values_list("kind", flat=True)) == []
    assert run.ledger_total == run.due_to_agencies == 40000


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_charge_whose_answer_was_lost_is_found_by_polling(sandbox: SandboxProcess, provider: Any) -> None:
    errand = Errand(sandbox, provider)
    sandbox.fault(provider, "lose_answer", on="confirm", count=1)
    unknown = errand.go()
    assert unknown.state == "unknown"
    with pytest.raises(Refused, match="under_way"):
        errand.go()
    let_time_pass()
    poll_payments(now=NOW)
    unknown.refresh_from_db()
    assert (unknown.state, errand.moved(unknown)) == ("paid", [40000])


def console(errand: Errand, payment: Payment, amount: int) -> None:
    """Staff refund it at the provider's console: its own cancellation, by a client that is not ours."""
    payment.refresh_from_db()
    reported = adapters.provider(payment.provider).refund(
        order_id=payment.order_id,
        vendor_id=payment.vendor_id,
        amount=amount,
        remainder=40000,
        reason="console",
        key=f"console-{payment.order_id}",
    )
    assert reported.balance == 40000 - amount


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(("back", "ends"), [(40000, "reversed"), (15000, "surplus")], ids=["all", "part"])
def test_paid_then_cancelled_before_it_was_settled_is_not_paid(
    sandbox: SandboxProcess, provider: Any, back: Any, ends: Any
) -> None:
    errand = Errand(sandbox, provider)
    sandbox.fault(provider, "lose_answer", on="confirm", count=1)
    payment = errand.go()
    console(errand, payment, back)
    let_time_pass()
    poll_payments(now=NOW)
    payment.refresh_from_db()
    errand.bill.refresh_from_db()
    assert (payment.state, errand.bill.state, AgencyPosting.objects.count()) == (ends, "open", 0)
    assert (payment.review_since is None) == (ends == "reversed")
    run = reconcile(day=kst_date(NOW), now=NOW).run
    kinds = set(run.differences.filter(payment=payment, resolved_at=None).values_list("kind", flat=True))
    assert kinds == (set() if ends == "reversed" else {"given_back_unknown_here"})


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("back", [40000, 15000], ids=["all", "part"])
def test_paid_then_cancelled_after_it_was_settled_is_found_by_the_comparison(
    sandbox: SandboxProcess, provider: Any, back: Any
) -> None:
    """Without an event, as with the two that send none."""
    errand = Errand(sandbox, provider)
    paid = errand.go()
    console(errand, paid, back)
    reconcile(day=kst_date(NOW), now=NOW)
    poll_payments(now=NOW)
    paid.refresh_from_db()
    assert paid.review_since is not None and paid.left_there == 40000 - back
    assert paid.refunds.get().outside
    [refund] = paid.refunds.all()
    approve_refund(refund_id=refund.pk, approved_by=User.objects.create(username="chief"), reason="seen", now=NOW)
    carry_out_refunds(now=NOW)
    for _ in ("paid", "refunded"):
        post_to_agencies(now=NOW)
    poll_payments(now=NOW)
    paid.refresh_from_db()
    left = Payment.objects.get(pk=paid.pk)
    assert (left.state, left.review_since) == ("refunded" if back == 40000 else "part_refunded", None)
    run = reconcile(day=kst_date(NOW), now=NOW).run
    assert not run.differences.filter(payment=paid, resolved_at=None).exists()


@pytest.mark.parametrize("back", [40000, 15000], ids=["all", "part"])
def test_what_kakaopay_s_console_refunds_days_later_is_found_by_polling_again(
    sandbox: SandboxProcess, back: Any
) -> None:
    errand = Errand(sandbox, "kakaopay")
    paid = errand.go()
    reconcile(day=kst_date(NOW), now=NOW + timedelta(days=1))
    console(errand, paid, back)
    assert poll_settled(now=NOW + timedelta(days=7)) == 1
    poll_payments(now=NOW + timedelta(days=7))
    paid.refresh_from_db()
    assert paid.review_since is not None and paid.left_there == 40000 - back
    assert (paid.refunds.get().outside, paid.refunds.get().amount) == (True, back)
