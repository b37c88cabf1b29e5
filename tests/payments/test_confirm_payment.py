"""Begin, come back, confirm: what is taken is today's amount, once; whatever is in doubt takes nothing."""

import pytest

from payments.models import AgencyPosting, LedgerEntry, Settlement
from secretary.common.models import AuditEvent
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, confirm

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def far_clock(far) -> None:
    far.at(MORNING)


def test_a_fine_is_paid_and_everybody_is_told_in_one_transaction(far) -> None:
    alice, bill = alice_owes()
    paid = confirm(alice, begin(alice, bill), far.bank)
    assert (paid.state, far.bank.total()) == ("paid", 40000)
    bill.refresh_from_db()
    assert (bill.state, bill.record.state) == ("paid", "paid")
    settlement = Settlement.objects.get()
    assert (settlement.amount, settlement.day, settlement.receipt_number) == (
        40000,
        MORNING.date(),
        f"20260310-{paid.pk:08d}",
    )
    assert dict(LedgerEntry.objects.values_list("account", "amount")) == {
        "provider:toss_payments": 40000,
        "agency:knpa": -40000,
    }
    posting = AgencyPosting.objects.get()
    assert (posting.kind, posting.amount, posting.state) == ("paid", 40000, "waiting")
    actions = AuditEvent.objects.filter(citizen_id=alice.pk).values_list("action", flat=True)
    assert {"payment.begun", "payment.settled"} <= set(actions)
