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
from tests.payments.web.conftest import Visitor

pytestmark = pytest.mark.django_db
LOCKS = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+UPDATE|UPDATE|KEY\s+SHARE|SHARE)\b", re.IGNORECASE)
# All but the visitor's own session, whose end moves on with each page.
CHANGES = re.compile(r"^\s*(?:UPDATE|DELETE)\b(?! \"django_session\")|\bDO\s+UPDATE\b", re.IGNORECASE)
# Addresses that are no views: the provider's way back captures money (README, "Paying"); a form queries the agency.
NO_LOOKS = {"back", "poll"}


def untouched(visitor: Visitor) -> None:
    """Nothing has happened since the bill was opened."""


def new_to_us(visitor: Visitor) -> None:
    """The record is there, and no page has shown it yet."""
    visitor.bill.delete()


def paid(visitor: Visitor) -> None:
    visitor.pay()


def being_checked(visitor: Visitor) -> None:
    visitor.far.bank.faults["confirm"].append("taken_lost")
    visitor.pay()


def paid_elsewhere(visitor: Visitor) -> None:
    correct(visitor.bill, state="paid")


def dearer(visitor: Visitor) -> None:
    correct(visitor.bill, fields={"amount": 50000})


def another_persons(visitor: Visitor) -> None:
    visitor.begin()
    correct(visitor.bill, subject={"ci": ci_of(2)})


def came_back(visitor: Visitor) -> None:
    another_persons(visitor)
    visitor.get("/pay/")
    correct(visitor.bill, subject={"ci": ci_of(1)})


def paused(visitor: Visitor) -> None:
    visitor.client.post(f"{visitor.home}objection/", {})


def refused(visitor: Visitor) -> None:
    visitor.begin()
    visitor.come_back("fail", code="PAY_PROCESS_CANCELED")


SITUATIONS: tuple[Callable[[Visitor], None], ...] = (
    *(untouched, new_to_us, paid, being_checked, paid_elsewhere, dearer, another_persons, came_back, paused, refused),
)


def pages(visitor: Visitor) -> list[str]:
    """Every page that is looked at, of every bill and payment that there has been."""
    orders = [payment.order_id for payment in visitor.payments()]
    found = []
    for pattern in urlpatterns:
        if pattern.name not in NO_LOOKS:
            path = "/" + str(pattern.pattern).replace("<int:bill_id>", str(visitor.bill.pk or 1))
            path = path.replace("<slug:provider>", "toss_payments")
            found += [path.replace("<slug:order_id>", order) for order in orders] if "order_id" in path else [path]
    return found


@pytest.mark.parametrize("happened", SITUATIONS, ids=lambda call: call.__name__)
def test_a_page_locks_no_row_and_changes_none(visitor: Visitor, happened: Any) -> None:
    happened(visitor)
    found = []
    for page in pages(visitor):
        with CaptureQueriesContext(connection) as seen:
            assert visitor.get(page).status_code < 500, page
        statements = [query["sql"] for query in seen]
        found += [(page, sql[:200]) for sql in statements if LOCKS.search(sql) or CHANGES.search(sql)]
    assert found == []
