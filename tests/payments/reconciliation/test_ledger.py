"""The ledger cannot be unbalanced, changed or emptied by any writer."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from payments.models import Journal, LedgerEntry
from secretary.kernel.time.clock import kst_date
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, confirm
from tests.payments.conftest import Far

pytestmark = pytest.mark.django_db


def book(payment: Any, *lines: tuple[str, int]) -> None:
    """A booking beside the machinery; the database looks at it when its transaction ends."""
    with transaction.atomic():
        journal = Journal.objects.create(kind="taken", day=kst_date(MORNING), booked_at=MORNING, payment=payment)
        LedgerEntry.objects.bulk_create(
            LedgerEntry(journal=journal, account=account, amount=amount) for account, amount in lines
        )
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def payment(far: Far) -> Any:
    return begin(*alice_owes())


@pytest.mark.parametrize(
    "lines",
    [[], [("provider:x", 100)], [("provider:x", 100), ("agency:y", -99)], [("provider:x", 0), ("agency:y", 0)]],
    ids=["no line", "one line", "off by a won", "nothing"],
)
def test_a_booking_that_does_not_sum_to_zero_is_refused(payment: Any, lines: Any) -> None:
    with pytest.raises(DatabaseError):
        book(payment, *lines)
    assert Journal.objects.count() == 0


def test_a_booking_of_several_lines_that_does_is_accepted(payment: Any) -> None:
    book(payment, ("provider:x", 100), ("agency:y", -60), ("agency:z", -40))
    assert sorted(LedgerEntry.objects.values_list("amount", flat=True)) == [-60, -40, 100]


def test_a_line_cannot_be_added_to_a_booking_later(far: Far) -> None:
    alice, bill = alice_owes()
    confirm(alice, begin(alice, bill), far.bank)
    with pytest.raises(DatabaseError, match="not balanced"), transaction.atomic():
        LedgerEntry.objects.create(journal=Journal.objects.get(), account="agency:other", amount=-5)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("table", ["payments_journal", "payments_ledgerentry"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_is_booked_stays(far: Far, table: Any, statement: Any) -> None:
    alice, bill = alice_owes()
    confirm(alice, begin(alice, bill), far.bank)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_the_same_money_is_booked_once(far: Far) -> None:
    alice, bill = alice_owes()
    paid = confirm(alice, begin(alice, bill), far.bank)
    with pytest.raises(DatabaseError):
        book(paid, ("provider:x", 100), ("agency:y", -100))
