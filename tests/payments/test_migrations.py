"""The migrations of bills and payments go forwards and backwards with bills and payments in the tables."""

import pytest
from django.core.management import call_command
from django.db import connection

from payments.models import Bill, Payment
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, confirm, owe
from tests.payments.conftest import Far
from tests.payments.console import poll

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BEFORE = "0001_initial"


def rows() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT record_id, citizen_id, debt, state FROM payments_bill ORDER BY id")
        return list(cursor.fetchall())


def test_there_and_back(far: Far) -> None:
    far.at(MORNING)
    alice, bill = alice_owes(fields={"case_number": "C-77"})
    other = owe(alice)
    paid = confirm(alice, begin(alice, bill), far.bank)
    after = rows()
    try:
        call_command("migrate", "payments", BEFORE, verbosity=0)
        assert [row[2] for row in rows()] == ["knpa:case:C-77", f"knpa:{other.record.external_id}"]
    finally:
        call_command("migrate", "payments", verbosity=0)
    assert rows() == after
    assert Payment.objects.get(pk=paid.pk).debt == Bill.objects.get(pk=bill.pk).debt
    assert set(Bill.objects.values_list("seen_version", "key__citizen", "failed")) == {(1, alice.pk, 0)}


def test_a_reversed_payment_has_its_former_name_on_the_way_back(far: Far) -> None:
    far.at(MORNING)
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    far.bank.faults["confirm"].append("taken_lost")
    confirm(alice, payment, far.bank)
    far.bank.refund_at_the_console(payment.order_id, None)
    poll()
    named = Payment.objects.filter(pk=payment.pk).values_list("state", "reason")
    assert named.get() == ("reversed", "reversed")
    try:
        call_command("migrate", "payments", "0009", verbosity=0)
        assert named.get() == ("given_back", "given_back")
    finally:
        call_command("migrate", "payments", verbosity=0)
    assert named.get() == ("reversed", "reversed")
