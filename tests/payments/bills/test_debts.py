"""A debt is named by a keyed hash: no case number in clear, no two numbers that look alike, and old rows found."""

import importlib
import logging
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from notifications.models import Record
from payments.bills.debts import debt_names, lock_debt
from payments.bills.follow_records import follow_records
from payments.checkout.post_to_agency import post_to_agencies
from payments.models import Bill, Payment
from payments.refunds.carry_out_refund import carry_out_refunds
from payments.refunds.request_refund import approve_refund, request_refund
from payments.refusals import Refused
from secretary.kernel.logs import LineFormatter
from tests.notifications.cast import MORNING, enrol
from tests.payments.cast import alice_owes, begin, confirm, correct, make_fine, owe
from tests.payments.conftest import Far

pytestmark = pytest.mark.django_db
CASE = "제2026-민감-0077호"
TEXTS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public'
  AND data_type IN ('text', 'character varying', 'character', 'jsonb', 'json', 'ARRAY', 'bytea')
"""
migration = importlib.import_module("payments.migrations.0004_debts_as_hashes")


def clear_text_columns(secret: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(TEXTS)
        columns = cursor.fetchall()
        found = []
        for table, column in columns:
            cursor.execute(
                f'SELECT EXISTS (SELECT 1 FROM "{table}" WHERE position(%s IN "{column}"::text) > 0'
                f' OR position(%s IN "{column}"::text) > 0)',
                [secret, secret.encode().hex()],
            )
            if cursor.fetchone()[0]:
                found.append(f"{table}.{column}")
        assert len(columns) > 100
        return found


def test_a_case_number_stands_in_no_column_and_no_log_line(
    far: Far, caplog: pytest.LogCaptureFixture, django_user_model: Any
) -> None:
    """Paid, settled beside a sibling, refunded, and the database's error for a broken constraint."""
    far.at(MORNING)
    caplog.set_level(logging.DEBUG)
    caplog.handler.setFormatter(LineFormatter())
    alice, bill = alice_owes(fields={"case_number": CASE})
    owe(alice, fields={"case_number": CASE})
    paid = confirm(alice, begin(alice, bill), far.bank)
    post_to_agencies(now=MORNING)
    clerk, chief = (django_user_model.objects.create(username=name) for name in ("clerk", "chief"))
    refund = request_refund(payment_id=paid.pk, amount=1000, requested_by=clerk, reason="mercy", now=MORNING)
    approve_refund(refund_id=refund.pk, approved_by=chief, reason="yes", now=MORNING)
    carry_out_refunds(now=MORNING)
    try:
        with transaction.atomic():
            Payment.objects.bulk_create([Payment(**{**kept(paid), "id": None, "order_id": "x", "key": "x"})])
    except DatabaseError:
        logging.getLogger("tests").exception("twice")
    assert clear_text_columns(CASE) == []
    assert CASE not in caplog.text and paid.debt not in caplog.text and "duplicate key" in caplog.text


def kept(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_numbers_that_look_alike_are_different_debts(far: Far) -> None:
    alice = enrol(1, make_fine())
    long = "9" * 35
    bills = [
        owe(alice, external_id="X"),
        owe(alice, external_id="case:X"),
        owe(alice, fields={"case_number": "X"}),
        owe(alice, fields={"case_number": "case:X"}),
        owe(alice, external_id=long),
        owe(alice, fields={"case_number": long}),
    ]
    assert len({bill.debt for bill in bills}) == len(bills)
    assert all(len(bill.debt) == 64 for bill in bills)


def test_a_number_is_hashed_whole(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, it was cut at 110 characters."""
    _, bill = alice_owes()
    names = []
    for end in "AB":
        monkeypatch.setattr(Record, "payload", {"case_number": "9" * 200 + end})
        names.append(debt_names(bill.record))
    assert names[0].now != names[1].now and names[0].former == names[1].former


def as_148511c(bill: Bill) -> None:
    """As the code before this change had written it, and goes on writing it while it still runs."""
    former = debt_names(Bill.objects.select_related("record__agency").get(pk=bill.pk).record).former
    Bill.objects.filter(pk=bill.pk).update(debt=former, seen_version=None, key=None)
    Payment.objects.filter(bill=bill).update(debt=former)


def test_rows_in_clear_are_hashed_by_the_migration_and_back(far: Far) -> None:
    far.at(MORNING)
    alice, bill = alice_owes(fields={"case_number": CASE})
    other = owe(alice)
    confirm(alice, begin(alice, bill), far.bank)
    bill.refresh_from_db()
    hashed = {row.pk: row.debt for row in Bill.objects.all()}
    for row in (bill, other):
        as_148511c(row)
    assert clear_text_columns(CASE) != []
    migration.rename(migration.hashed, follow=True)
    migration.rename(migration.hashed, follow=True)  # again it changes nothing
    assert {row.pk: row.debt for row in Bill.objects.all()} == hashed
    assert Payment.objects.get().debt == hashed[bill.pk]
    assert set(Bill.objects.values_list("seen_version", "key__citizen")) == {(1, alice.pk)}
    assert clear_text_columns(CASE) == []
    migration.rename(migration.unhashed, follow=False)
    assert Bill.objects.get(pk=bill.pk).debt == Payment.objects.get().debt == f"knpa:case:{CASE}"
    assert Bill.objects.get(pk=other.pk).debt == f"knpa:{other.record.external_id}"


def test_the_migration_keeps_the_case_that_a_bill_was_opened_for(far: Far) -> None:
    """Its record names another one by now; the new code moves it there, with all that belongs to it."""
    _, bill = alice_owes(fields={"case_number": CASE})
    before = bill.debt
    as_148511c(bill)
    correct(bill, fields={"case_number": "another"})
    migration.rename(migration.hashed, follow=True)
    bill.refresh_from_db()
    assert bill.debt == before


def test_a_bill_that_old_code_has_opened_meanwhile_is_a_sibling_all_the_same(far: Far) -> None:
    far.at(MORNING)
    alice, first = alice_owes(fields={"case_number": CASE})
    second = owe(alice, fields={"case_number": CASE})
    as_148511c(second)
    confirm(alice, begin(alice, first), far.bank)
    second.refresh_from_db()
    assert (second.state, second.reason, second.debt) == ("closed", "sibling", first.debt)


def test_what_old_code_was_paid_for_settles_the_debt_for_the_new(far: Far) -> None:
    far.at(MORNING)
    alice, first = alice_owes(fields={"case_number": CASE})
    second = owe(alice, fields={"case_number": CASE})
    confirm(alice, begin(alice, first), far.bank)
    Bill.objects.filter(pk=second.pk).update(state="open", reason="")
    Record.objects.filter(pk=second.record_id).update(state="open")
    as_148511c(first)
    with pytest.raises(Refused, match="sibling"):
        begin(alice, second)
    assert Payment.objects.get().debt == second.debt
    follow_records(now=MORNING)
    assert clear_text_columns(CASE) == []


def test_a_record_that_cannot_be_read_keeps_its_debt(far: Far) -> None:
    _, bill = alice_owes(fields={"case_number": CASE})
    Record.objects.update(payload_encrypted=b"\x01\x02k1")
    assert lock_debt(bill.pk, now=MORNING)[0].debt == bill.debt
