"""Orders and providers as the tests use them. All people in here are invented."""

import secrets
import sys
from dataclasses import dataclass, replace
from typing import Any

from payments.providers import registry
from payments.providers.contract import Begun, Order, Outcome, Provider, Refunded, Returned
from secretary.kernel.adapters import config
from secretary.kernel.adapters.timing import Timing
from secretary.kernel.adapters.transport import BulkHttp
from tests.payments.bank import Bank
from tests.support.payer import pay
from tests.support.sandbox_process import SandboxProcess

SITE = "https://secretary.example/pay/back"


def order(amount: int = 32_000, **fields: Any) -> Order:
    order_id = fields.pop("order_id", f"ps-{secrets.token_hex(8)}")
    known = {
        "name": "교통과태료",
        "payer": "payer-0001",
        "success_url": f"{SITE}/{order_id}/success",
        "cancel_url": f"{SITE}/{order_id}/cancel",
        "fail_url": f"{SITE}/{order_id}/fail",
    }
    return Order(order_id, amount, **{**known, **fields})


def build(name: str, env: dict[str, str], *, total_seconds: float = 30.0) -> Provider:
    module = sys.modules[registry.providers()[name].__module__]
    timing = Timing(connect_seconds=30.0, total_seconds=total_seconds)
    http = BulkHttp(connections=1, timing=timing)
    provider: Provider = module.ADAPTER(config.load(module.Config, env), timing=timing, http=http)
    return provider


def environment(base_url: str) -> dict[str, str]:
    """Made-up settings that lead every provider to `base_url`."""
    known = {item for name in registry.providers() for item in registry.env_names(name)}
    made_up = {item.name: f"invented-{item.name.lower().replace('_', '-')}" for item in known if item.required}
    return {**made_up, **{item.name: base_url for item in known if item.name.endswith(("_BASE_URL", "_PAGE_URL"))}}


@dataclass
class Case:
    """One order on its way through one provider."""

    provider: Provider
    sandbox: SandboxProcess
    order: Order
    begun: Begun
    returned: Returned | None = None

    @classmethod
    def start(cls, name: str, sandbox: SandboxProcess, amount: int = 32_000) -> "Case":
        if isinstance(sandbox, BankAlone):
            made = order(amount, payer="payer-of-the-bank-0001")
            return BankCase(sandbox.bank, sandbox, made, sandbox.bank.begin(made))
        provider, made = build(name, sandbox.environment), order(amount)
        return cls(provider, sandbox, made, provider.begin(made))

    def pay(self, **choice: Any) -> Returned:
        """At the provider's page; what came back, with what `begin` had returned."""
        came = self.provider.read_return(pay(self.begun, **choice).query)
        self.returned = replace(came, vendor_id=came.vendor_id or self.begun.vendor_id)
        return self.returned

    def confirm(self, key: str = "confirm-1", *, patient: bool = True, **changed: Any) -> Outcome:
        assert self.returned is not None
        provider = self.provider if patient else self.impatient()
        wanted = replace(self.order, **changed)
        return provider.confirm(wanted, self.returned, key=f"{self.order.order_id}-{key}")

    def impatient(self) -> Provider:
        """For what is never answered: any other answer may take as long as this machine needs for it."""
        return build(self.provider.name, self.sandbox.environment, total_seconds=1.0)

    def poll(self) -> Outcome:
        assert self.returned is not None
        return self.provider.poll(order_id=self.order.order_id, vendor_id=self.returned.vendor_id)

    def refund(self, amount: int, remainder: int, key: str = "refund-1", *, patient: bool = True) -> Refunded:
        assert self.returned is not None
        provider = self.provider if patient else self.impatient()
        return provider.refund(
            order_id=self.order.order_id,
            vendor_id=self.returned.vendor_id,
            amount=amount,
            remainder=remainder,
            reason="기관의 처분 취소",
            key=f"{self.order.order_id}-{key}",
        )

    def moved(self) -> list[int]:
        """What the sandbox's own ledger has of this order."""
        found = self.sandbox.payments(order_id=self.order.order_id)["movements"]
        return [movement["amount"] for movement in found]


MEMORY = "in memory"
BANKS_FAULTS = {  # faults of a sandbox, by the names of the bank in memory
    "confirm": {"before": "lost", "after": "taken_lost"},
    "cancel": {"before": "lost", "after": "done_lost"},
}


class BankAlone(SandboxProcess):
    """The bank in memory (tests/payments/bank.py), where the contract speaks of a sandbox."""

    def __init__(self) -> None:
        self.bank = Bank()

    def fault(self, gateway: str, fault: str, **values: Any) -> int:
        when = "after" if fault in ("lose_answer", "error_after", "garbage") else "before"
        call = {"cancel": "refund"}.get(values["on"], values["on"])
        self.bank.faults[call].extend([BANKS_FAULTS[values["on"]][when]] * values["count"])
        return 0


@dataclass
class BankCase(Case):
    def pay(self, **choice: Any) -> Returned:
        assert isinstance(self.provider, Bank)
        self.returned = self.provider.read_return(self.provider.pay(self.order.order_id))
        return self.returned

    def confirm(self, key: str = "confirm-1", *, patient: bool = True, **changed: Any) -> Outcome:
        """Under one key always: of an order the bank knows no other."""
        return super().confirm("confirm-1", **changed)

    def impatient(self) -> Provider:
        return self.provider

    def moved(self) -> list[int]:
        assert isinstance(self.provider, Bank)
        return [line.amount for line in self.provider.accounts[self.order.order_id].lines]


def paid(name: str, sandbox: SandboxProcess, amount: int = 32_000) -> Case:
    case = Case.start(name, sandbox, amount)
    case.pay()
    assert case.confirm().amount == amount
    return case
