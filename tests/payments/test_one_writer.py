"""One module moves payments: nothing else in the product writes `Payment.state`."""

import subprocess

import pytest

from tests.payments.cast import alice_owes, begin, confirm
from tests.payments.conftest import Far
from tests.support.payment_writers import OWNER, READERS, ROOT, STATE_IN_SQL, watched, writers

PLANTED = {
    "a row": "def f(payment: Payment) -> None:\n    payment.state = PAID",
    "a row, with others": "def f(payment: Payment, bill: Bill) -> None:\n    bill.state, payment.state = PAID, PAID",
    "a row of unknown kind": "def f(row):\n    row.state, row.reason = PAID, ''",
    "a row behind another one": "def f(refund: Refund):\n    payment = refund.payment\n    payment.state = PAID",
    "a query": "def f(bill: Bill) -> None:\n    Payment.objects.filter(bill=bill).update(state=PAID)",
    "a query in two steps": "def f():\n    mine = Payment.objects.filter(pk=1)\n    mine.update(state=PAID)",
    "a query with what it is given": "def f(changes):\n    Payment.objects.filter(pk=1).update(**changes)",
    "many rows": "def f(rows):\n    Payment.objects.bulk_update(rows, ['state', 'reason'])",
    "saved fields": "def f(payment: Payment) -> None:\n    payment.save(update_fields=['state'])",
    "the whole row": "def f(payment: Payment) -> None:\n    payment.save()",
    "by name": "def f(payment: Payment) -> None:\n    setattr(payment, 'state', PAID)",
    "a new row": "def f(bill: Bill) -> None:\n    Payment.objects.create(bill=bill)",
    "a row of its own": "def f(bill: Bill) -> None:\n    row = Payment(bill=bill)",
    "SQL": "TAKE = 'UPDATE payments_payment p SET asked = 0, state = %s WHERE p.id = 1'",
    "SQL that inserts": "NEW = 'INSERT INTO payments_payment (id, state) VALUES (1, %s)'",
}
HARMLESS = {
    "a bill": "def f(bill: Bill) -> None:\n    bill.state = PAID\n    bill.save(update_fields=['state'])",
    "a refund": "def f() -> None:\n    row = Refund.objects.get()\n    row.state, row.code = DONE, ''",
    "another column": "def f(payment: Payment):\n    payment.debt = ''\n    payment.save(update_fields=['debt'])",
    "reading": "def f(payment: Payment) -> bool:\n    return Payment.objects.filter(state=PAID).exists()",
    "SQL of a question": "TAKE = 'UPDATE payments_payment SET asked = 0 WHERE state = ANY(%s)'",
}


def test_only_transitions_writes_the_state_of_payments() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *READERS],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    names = [name for name in listed if "/migrations/" not in name and (ROOT / name).is_file()]
    python = {name: (ROOT / name).read_text(encoding="utf-8") for name in names if name.endswith(".py")}
    statements = {name: (ROOT / name).read_text(encoding="utf-8") for name in names if name.endswith(".sql")}
    found: dict[str, list[int]] = {name: lines for name, text in python.items() if (lines := writers(text))}
    assert len(python) > 150 and statements
    assert [name for name, text in statements.items() if STATE_IN_SQL.search(text)] == []
    assert len(found.pop(OWNER)) > 5
    assert found == {}


def test_a_planted_writer_is_found_and_what_writes_something_else_is_not() -> None:
    assert [name for name, source in PLANTED.items() if not writers(source)] == []
    assert [name for name, source in HARMLESS.items() if writers(source)] == []


@pytest.mark.django_db
def test_every_statement_that_moves_a_payment_is_sent_by_transitions(far: Far) -> None:
    alice, bill = alice_owes()
    with watched() as seen:
        begin(alice, bill)
        assert confirm(alice, begin(alice, bill), far.bank).state == "paid"
    assert set(seen) == {OWNER} and seen[OWNER] >= 5
