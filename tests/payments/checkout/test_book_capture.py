"""After money was captured nothing raises: whatever our books have against it, it is surplus, or polled again."""

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError
from django.db.models import Sum
from django.db.models.functions import Now

from notifications.models import Alarm
from payments.bills import surplus
from payments.checkout import take_outcome
from payments.checkout.poll_payments import alarm_about_unknown, poll_payments
from payments.models import AgencyPosting, Bill, LedgerEntry, Payment, Refund, Settlement, ledger
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, confirm, let_time_pass, owe, states
from tests.payments.conftest import Far
from tests.support.present import present

pytestmark = pytest.mark.django_db


class Deadlock(Exception):
    pgcode = "40P01"


def deadlock() -> OperationalError:
    error = OperationalError("deadlock detected")
    error.__cause__ = Deadlock()
    return error


# Where it breaks → what is replaced. All of them stand behind the capture of a payment that settles its debt.
SETTLING = {
    "the record": (take_outcome, "mark_record_paid"),
    "the sibling": (take_outcome, "lock_out"),
    "the agency's posting": (take_outcome, "_report_to_agency"),
    "the price": (take_outcome, "_check_price"),
    "the feed's news": (take_outcome, "follow_record"),
    "the question whether it is paid": (take_outcome, "settled_payments"),
    "the ledger's account": (take_outcome, "agency_account"),
}
# Behind the capture of money that settles nothing, too.
BOOKING = {
    "the ledger": (take_outcome, "book_captured"),
    "the lines of the ledger": (ledger, "_lines"),
    "the settlement": (take_outcome, "_write_down"),
    "the audit trail": (take_outcome, "record_audit"),
}
SURPLUS = {
    "the refund": (take_outcome, "request_surplus_refund"),
    "the row of the refund": (surplus, "open_refund"),
    "the alarm": (take_outcome, "_alarm_surplus"),
}


@pytest.fixture(
    params=[IntegrityError("payment_settled_once_per_debt"), TypeError("a fault of ours")], ids=["db", "code"]
)
def fault(request: Any) -> Exception:
    found: Exception = request.param
    return found


def breaks(monkeypatch: pytest.MonkeyPatch, place: tuple[Any, str], fault: Exception) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise fault

    monkeypatch.setattr(*place, broken)


def balanced(far: Any) -> None:
    booked = LedgerEntry.objects.filter(account__startswith="provider:").aggregate(won=Sum("amount"))["won"] or 0
    assert booked == far.bank.total()
    assert (LedgerEntry.objects.aggregate(won=Sum("amount"))["won"] or 0) == 0


@pytest.mark.parametrize("where", SETTLING)
def test_money_that_cannot_settle_its_debt_is_surplus_with_a_refund_that_waits(
    far: Far, monkeypatch: pytest.MonkeyPatch, where: Any, fault: Exception
) -> None:
    alice, bill = alice_owes(fields={"case_number": "C"})
    owe(alice, fields={"case_number": "C"})
    payment = begin(alice, bill)
    breaks(monkeypatch, SETTLING[where], fault)
    captured = confirm(alice, payment, far.bank)
    assert (captured.state, captured.reason, captured.settlement.surplus) == ("surplus", "not_booked", True)
    assert (Refund.objects.get().state, Refund.objects.get().amount) == ("requested", 40000)
    assert Alarm.objects.get(kind="payment_surplus").subject == payment.order_id
    assert (Bill.objects.get(pk=bill.pk).state, AgencyPosting.objects.count()) == ("open", 0)
    balanced(far)


@pytest.mark.parametrize("where", {**BOOKING})  # type: ignore[dict-item]
def test_money_that_cannot_be_booked_at_all_is_polled_until_it_can(
    far: Far, monkeypatch: pytest.MonkeyPatch, where: Any, fault: Exception
) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    with monkeypatch.context() as broken:
        breaks(broken, BOOKING[where], fault)
        seen = confirm(alice, payment, far.bank)
        assert (seen.state, Settlement.objects.count()) == ("confirming", 0)
        let_time_pass()
        poll_payments(now=MORNING)
        assert states() == ["confirming"]
    assert Alarm.objects.get(kind="payment_not_booked").subject == payment.order_id
    waits = Payment.objects.annotate(clock=Now()).get()
    assert waits.asked == 1 and present(waits.ask_at) > waits.clock
    Payment.objects.update(confirmed_at=MORNING.replace(hour=0))
    assert alarm_about_unknown(now=MORNING.replace(hour=2)) == 1
    let_time_pass()
    poll_payments(now=MORNING)
    assert states() == ["paid"]
    balanced(far)


@pytest.mark.parametrize("where", SURPLUS)
def test_surplus_that_cannot_be_written_down_is_polled_until_it_can(
    far: Far, monkeypatch: pytest.MonkeyPatch, where: Any, fault: Exception
) -> None:
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("wrong_amount")
    payment = begin(alice, bill)
    with monkeypatch.context() as broken:
        breaks(broken, SURPLUS[where], fault)
        assert confirm(alice, payment, far.bank).state == "confirming"
        assert Settlement.objects.count() == Refund.objects.count() == 0
    let_time_pass()
    poll_payments(now=MORNING)
    assert (states(), Refund.objects.get().amount) == (["surplus"], 41000)
    balanced(far)


def test_a_booking_that_only_the_commit_would_refuse_is_refused_where_it_can_be_undone(
    far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger's trigger is deferred: an unbalanced booking of the debt would have thrown the settlement away."""
    alice, bill = alice_owes()
    payment = begin(alice, bill)

    def unbalanced(*, settlement: Any, account: str, now: Any) -> None:
        journal = ledger.Journal.objects.create(  # type: ignore[attr-defined]
            kind="taken", day=settlement.day, booked_at=now, payment=settlement.payment
        )
        won = settlement.amount
        names = (ledger.provider_account(settlement.payment.provider), won), (account, -won)
        less = 1 if account != ledger.SURPLUS_ACCOUNT else 0
        LedgerEntry.objects.bulk_create(
            LedgerEntry(journal=journal, account=name, amount=amount + less) for name, amount in names
        )

    monkeypatch.setattr(take_outcome, "book_captured", unbalanced)
    assert confirm(alice, payment, far.bank).reason == "not_booked"
    balanced(far)


def test_a_deadlock_is_no_surplus_it_is_polled_again(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    with monkeypatch.context() as broken:
        breaks(broken, (take_outcome, "mark_record_paid"), deadlock())
        assert confirm(alice, payment, far.bank).state == "confirming"
    let_time_pass()
    poll_payments(now=MORNING)
    assert states() == ["paid"]


def test_an_answer_that_cannot_be_understood_leaves_the_payment_being_checked(
    far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    confirmed = far.bank.confirm

    def garbled(*args: Any, **kwargs: Any) -> None:
        confirmed(*args, **kwargs)
        raise KeyError("approvedAt")

    monkeypatch.setattr(far.bank, "confirm", garbled)
    assert confirm(alice, payment, far.bank).state == "confirming"
    let_time_pass()
    poll_payments(now=MORNING)
    assert states() == ["paid"]


def test_an_outage_is_passed_on_and_found_by_polling(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    with monkeypatch.context() as broken:
        breaks(
            broken, (take_outcome, "mark_record_paid"), OperationalError("server closed the connection unexpectedly")
        )
        with pytest.raises(DatabaseError):
            confirm(alice, payment, far.bank)
    assert states() == ["confirming"]
    let_time_pass()
    poll_payments(now=MORNING)
    assert states() == ["paid"]


def test_the_other_payments_of_its_batch_are_settled(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, first = alice_owes()
    second = owe(alice)
    payments = []
    for bill in (first, second):
        far.bank.faults["confirm"].append("taken_lost")
        payments.append(confirm(alice, begin(alice, bill), far.bank))
    write_down = take_outcome._write_down

    def of_the_first(payment: Payment, *args: Any, **kwargs: Any) -> Any:
        if payment.pk == payments[0].pk:
            raise IntegrityError("poisoned")
        return write_down(payment, *args, **kwargs)

    monkeypatch.setattr(take_outcome, "_write_down", of_the_first)
    let_time_pass()
    assert poll_payments(now=MORNING) == 2
    assert states() == ["unknown", "paid"]
