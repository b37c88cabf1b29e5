"""A bank and a biller in place of the real ones, and the cast of the payment tests."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from payments import adapters
from payments.adapters import NotOffered
from tests.payments.bank import Bank, Biller
from tests.support.prepared_database import kept_for_a_file


class Far:
    """The far side: the banks by name, and the billers by agency; `biller` is the police's."""

    def __init__(self) -> None:
        self.banks = {name: Bank(name) for name in ("toss_payments", "kakaopay", "naverpay")}
        self.billers = {name: Biller() for name in ("knpa", "seoul")}

    @property
    def bank(self) -> Bank:
        return self.banks["toss_payments"]

    @property
    def biller(self) -> Biller:
        return self.billers["knpa"]

    def provider(self, name: str) -> Bank:
        if name not in self.banks:
            raise NotOffered(name)
        return self.banks[name]

    def biller_of(self, agency: str) -> Biller:
        if agency not in self.billers:
            raise NotOffered(agency)
        return self.billers[agency]

    def at(self, now: Any) -> None:
        """The far side's clocks show this time."""
        far: list[Any] = [*self.banks.values(), *self.billers.values()]
        for each in far:
            each.now = lambda: now


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> Iterator[Far]:
    made = Far()
    monkeypatch.setattr(adapters, "provider", made.provider)
    monkeypatch.setattr(adapters, "biller", made.biller_of)
    yield made


@pytest.fixture(scope="module")
def catalogue(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The shipped data types, live; loaded once for all tests of a file, since checking all templates takes long."""
    with kept_for_a_file(
        lambda: call_command("load_catalogue", drafts=False, stderr=StringIO()), blocker=django_db_blocker
    ):
        yield
