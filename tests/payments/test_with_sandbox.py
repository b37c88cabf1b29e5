"""The engine, the three adapters and the desk against the sandbox's servers, over HTTP, from bill to reconciliation."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from payments import gateways
from payments.ask_payments import ask_payments
from payments.begin_payment import begin_payment
from payments.confirm_payment import confirm_payment
from payments.models import AgencyPosting, Payment
from payments.post_to_agency import post_to_agencies
from payments.reconcile import reconcile
from payments.refusals import Refused
from secretary.common.clock import kst_date
from tests.payer import pay
from tests.payments.cast import alice_owes, let_time_pass, urls
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
PROVIDERS = ["kakaopay", "naverpay", "toss_payments"]
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(Path(tmp_path_factory.mktemp("sandbox"))) as process:
        yield process


@pytest.fixture
def sandbox(running: SandboxProcess, settings: Any) -> Iterator[SandboxProcess]:
    running.clear_faults()
    settings.ADAPTER_CONFIG = running.environment
    gateways.forget()
    yield running
    gateways.forget()


class Errand:
    """Alice pays a fine that the sandbox's agency knows too."""

    def __init__(self, sandbox: SandboxProcess, provider: str) -> None:
        self.alice, self.bill = alice_owes(fields={"due_on": "2099-01-02"})
        told = {"external_id": self.bill.record.external_id, "data_type": "traffic_fine", "version": 1}
        sandbox.request("POST", "/control/agencies/knpa/records", [{**told, "state": "open", "fields": {}}])
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
def test_a_fine_is_paid_posted_and_reconciled(sandbox, provider) -> None:
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
def test_a_charge_whose_answer_was_lost_is_found_by_asking(sandbox, provider) -> None:
    errand = Errand(sandbox, provider)
    sandbox.fault(provider, "lose_answer", on="confirm", count=1)
    unknown = errand.go()
    assert unknown.state == "unknown"
    with pytest.raises(Refused, match="under_way"):
        errand.go()
    let_time_pass()
    ask_payments(now=NOW)
    unknown.refresh_from_db()
    assert (unknown.state, errand.moved(unknown)) == ("paid", [40000])
