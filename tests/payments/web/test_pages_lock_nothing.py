"""Looking at a page about money locks no row and changes none: no bill, no payment, no record, no quote."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payments.web.urls import urlpatterns
from tests.notifications.cast import ci_of
from tests.payments.cast import correct
from tests.payments.web.conftest import Desk

pytestmark = pytest.mark.django_db
LOCKS = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+UPDATE|UPDATE|KEY\s+SHARE|SHARE)\b", re.IGNORECASE)
# All but the visitor's own session, whose end moves on with each page.
CHANGES = re.compile(r"^\s*(?:UPDATE|DELETE)\b(?! \"django_session\")|\bDO\s+UPDATE\b", re.IGNORECASE)
# The ways that are no looking: the provider's way back takes money (README, "Paying"); the question to the agency is
# asked by a form.
NO_LOOKS = {"back", "ask"}


def untouched(desk: Desk) -> None:
    """Nothing has happened since the bill was opened."""


def new_to_us(desk: Desk) -> None:
    """The record is there, and nobody has looked at it yet."""
    desk.bill.delete()


def paid(desk: Desk) -> None:
    desk.pay()


def being_checked(desk: Desk) -> None:
    desk.far.bank.faults["confirm"].append("taken_lost")
    desk.pay()


def paid_elsewhere(desk: Desk) -> None:
    correct(desk.bill, state="paid")


def dearer(desk: Desk) -> None:
    correct(desk.bill, fields={"amount": 50000})


def another_persons(desk: Desk) -> None:
    desk.begin()
    correct(desk.bill, subject={"ci": ci_of(2)})


def came_back(desk: Desk) -> None:
    another_persons(desk)
    desk.get("/pay/")
    correct(desk.bill, subject={"ci": ci_of(1)})


def paused(desk: Desk) -> None:
    desk.client.post(f"{desk.home}objection/", {})


def refused(desk: Desk) -> None:
    desk.begin()
    desk.come_back("fail", code="PAY_PROCESS_CANCELED")


SITUATIONS: tuple[Callable[[Desk], None], ...] = (
    *(untouched, new_to_us, paid, being_checked, paid_elsewhere, dearer, another_persons, came_back, paused, refused),
)


def pages(desk: Desk) -> list[str]:
    """Every page that is looked at, of every bill and payment that there has been."""
    orders = [payment.order_id for payment in desk.payments()]
    found = []
    for pattern in urlpatterns:
        if pattern.name not in NO_LOOKS:
            path = "/" + str(pattern.pattern).replace("<int:bill_id>", str(desk.bill.pk or 1))
            path = path.replace("<slug:provider>", "toss_payments")
            found += [path.replace("<slug:order_id>", order) for order in orders] if "order_id" in path else [path]
    return found


@pytest.mark.parametrize("happened", SITUATIONS, ids=lambda call: call.__name__)
def test_a_page_locks_no_row_and_changes_none(desk: Desk, happened: Any) -> None:
    happened(desk)
    found = []
    for page in pages(desk):
        with CaptureQueriesContext(connection) as seen:
            assert desk.get(page).status_code < 500, page
        statements = [query["sql"] for query in seen]
        found += [(page, sql[:200]) for sql in statements if LOCKS.search(sql) or CHANGES.search(sql)]
    assert found == []
