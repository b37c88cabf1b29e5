"""Alice in front of the pages, with a fine to pay; her phone answers the identity check."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from payments.models import Bill, Payment
from subscriptions.identity.contract import Person
from subscriptions.web import identify
from tests.notifications.cast import MORNING, ci_of, phone_of
from tests.payments.cast import alice_owes
from tests.subscriptions.web.conftest import CODE, FakeProvider

FINE = {"reduced_amount": 32000, "reduction_ends_on": "2026-03-23", "due_on": "2026-05-29", "plate": "12가3456"}


def knows(provider: FakeProvider, number: int) -> None:
    """The carrier knows person `number` of the notifications' cast."""
    provider.people[phone_of(number)] = Person(ci_of(number), "홍길동", date(1960, 1, 2), phone_of(number))


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    fake = FakeProvider()
    monkeypatch.setattr(identify, "provider", lambda: fake)
    for number in (1, 2, 9):
        knows(fake, number)
    yield fake


@pytest.fixture(autouse=True)
def clock(time_machine: Any, far: Any) -> Any:
    """Ten in the morning of 10 March; `clock.shift(seconds)` moves it."""
    time_machine.move_to(MORNING, tick=False)
    far.at(MORNING)
    return time_machine


def prove(client: Any, number: int = 1) -> Any:
    """Through the identity check; the answer leads on."""
    phone = phone_of(number).replace("+82", "0")
    details = {"name": "홍길동", "phone": phone, "carrier": "KT", "identity_number": "6001021"}
    client.post("/settings/sign-in/", details)
    return client.post("/settings/sign-in/code/", {"code": CODE})


class Visitor:
    """Alice's browser, and what she owes."""

    def __init__(self, client: Any, far: Any, **values: Any) -> None:
        self.client, self.far = client, far
        self.alice, self.bill = alice_owes(fields=FINE | values)
        self.home = f"/pay/{self.bill.pk}/"

    def get(self, path: str = "", **extra: Any) -> Any:
        return self.client.get(path if path.startswith("/") else f"{self.home}{path}", **extra)

    def text(self, path: str = "") -> str:
        """The text of the page, with the days as they read: their markup, which keeps them on one line, is left out."""
        return re.sub(r'<span class="(?:date|nowrap)">(.*?)</span>', r"\1", self.get(path).content.decode())

    def begin(self, provider: str = "toss_payments", amount: object = 32000) -> Any:
        return self.client.post(f"{self.home}check/{provider}/", {"amount": amount})

    def payment(self) -> Payment:
        return Payment.objects.order_by("-pk")[0]

    def payments(self) -> list[Payment]:
        return list(Payment.objects.order_by("pk"))

    def come_back(self, how: str = "success", **query: str) -> Any:
        payment = self.payment()
        brought = self.far.banks[payment.provider].pay(payment.order_id) if how == "success" else {}
        return self.client.get(f"/pay/orders/{payment.order_id}/back/{how}/", brought | query)

    def pay(self, provider: str = "toss_payments") -> Payment:
        self.begin(provider)
        self.come_back()
        return self.payment()

    def reload(self) -> Bill:
        return Bill.objects.get(pk=self.bill.pk)


@pytest.fixture
def stranger(client: Any, far: Any, provider: FakeProvider) -> Visitor:
    """Not signed in yet."""
    return Visitor(client, far)


@pytest.fixture
def visitor(stranger: Visitor) -> Visitor:
    prove(stranger.client)
    return stranger
