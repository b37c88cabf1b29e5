"""What a page shows of a bill without writing is what following its record makes of it: every case there is."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import transaction

from notifications.models import Record
from payments.bills.close_bill import AGENCYS, follow_record
from payments.bills.debts import lock_debt
from payments.models import Bill
from payments.states import CLOSED, OBJECTION, OPEN, PAID, PART_REFUNDED, REFUNDED
from payments.web.bill_view import view_bill
from tests.notifications.cast import MORNING, ci_of, enrol
from tests.payments.cast import alice_owes, begin, confirm, correct, owe
from tests.payments.conftest import Far

pytestmark = pytest.mark.django_db
STANDS = [
    *((OPEN, ""), (REFUNDED, ""), (PAID, ""), (PAID, "another_person"), (PART_REFUNDED, "")),
    *((CLOSED, reason) for reason in (*AGENCYS, OBJECTION)),
]
RECORD_STATES = (Record.OPEN, Record.PAID, Record.COMPLETED, Record.WITHDRAWN, Record.OBJECTED)
CASE = {"case_number": "C-1"}


class Undo(Exception):
    """Back to how it was."""


def begins_as(bill: Bill, **values: Any) -> None:
    """Nothing restricts how a row begins."""
    Bill.objects.filter(pk=bill.pk)._raw_delete("default")  # type: ignore[attr-defined]
    kept = {field.attname: getattr(bill, field.attname) for field in Bill._meta.concrete_fields}
    Bill.objects.create(**kept | values)


def differences(bill: Bill, record_state: str, paused_before: bool) -> list[str]:
    """Of this moment, from each state that a bill may be in."""
    found = []
    Record.objects.filter(pk=bill.record_id).update(state=record_state)
    for state, reason in STANDS:
        try:
            with transaction.atomic():
                when = MORNING + timedelta(days=-1 if paused_before else 1)
                begins_as(bill, state=state, reason=reason, changed_at=when)
                seen = view_bill(citizen=bill.citizen, bill_id=bill.pk, language="ko", now=MORNING)
                locked, _ = lock_debt(bill.pk, now=MORNING)
                follow_record(bill=locked, now=MORNING)
                if (seen.state, seen.reason) != (locked.state, locked.reason):
                    found.append(f"{state}/{reason}: {seen.state}/{seen.reason}, {locked.state}/{locked.reason}")
                raise Undo
        except Undo:
            continue
    return found


@pytest.mark.parametrize("theirs", [True, False], ids=["theirs", "another's"])
@pytest.mark.parametrize("sibling", [True, False], ids=["paid as its sibling", "not paid"])
def test_what_is_shown_is_what_following_its_record_makes_of_it(far: Far, theirs: bool, sibling: bool) -> None:
    alice, bill = alice_owes(fields=CASE)
    other = owe(alice, fields=CASE)
    if sibling:
        confirm(alice, begin(alice, other), far.bank)
    if not theirs:
        enrol(2, bill.record.data_type)
        correct(bill, subject={"ci": ci_of(2)}, fields=CASE)
    bill = Bill.objects.select_related("citizen", "record").get(pk=bill.pk)
    found = {
        f"{state} {'before' if before else 'after'}": wrong
        for state, before in product(RECORD_STATES, [True, False])
        if (wrong := differences(bill, state, before))
    }
    assert found == {}
