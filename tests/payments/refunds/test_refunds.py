"""Money is refunded after two people have agreed, once, guarded by what is left of the payment."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.db.models import Sum
from django.db.models.functions import Now

from notifications.models import Alarm
from payments.checkout.poll_payments import poll_payments
from payments.checkout.post_to_agency import post_to_agencies
from payments.models import AgencyPosting, LedgerEntry, Payment, Refund
from payments.refunds.carry_out_refund import carry_out_refunds
from payments.refunds.request_refund import RefundRefused, approve_refund, reject_refund, request_refund
from secretary.kernel.models import AuditEvent
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, confirm, correct
from tests.payments.conftest import Far

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(db: None) -> tuple[User, User]:
    return User.objects.create(username="first"), User.objects.create(username="second")


@pytest.fixture
def paid(far: Far) -> Payment:
    far.at(MORNING)
    alice, bill = alice_owes()
    return confirm(alice, begin(alice, bill), far.bank)


def poll_back(paid: Payment, staff: Any, amount: int = 40000) -> Refund:
    refund = request_refund(payment_id=paid.pk, amount=amount, requested_by=staff[0], reason="paid twice", now=MORNING)
    return approve_refund(refund_id=refund.pk, approved_by=staff[1], reason="I saw it too", now=MORNING)


def go() -> Refund:
    Refund.objects.filter(ask_at__isnull=False).update(ask_at=Now())
    carry_out_refunds(now=MORNING)
    return Refund.objects.latest("pk")


def balances() -> dict[str, int]:
    rows = LedgerEntry.objects.values("account").annotate(won=Sum("amount")).order_by()
    return {row["account"]: row["won"] for row in rows}


def test_the_whole_goes_back_and_ledger_bill_and_agency_know_it(
    far: Far, paid: Payment, staff: tuple[User, User]
) -> None:
    poll_back(paid, staff)
    assert go().state == "done"
    paid.refresh_from_db()
    assert (paid.state, paid.bill.state, far.bank.total()) == ("refunded", "refunded", 0)
    assert balances() == {"provider:toss_payments": 0, "agency:knpa": 0}
    assert list(AgencyPosting.objects.order_by("pk").values_list("kind", "amount")) == [
        ("paid", 40000),
        ("refunded", 40000),
    ]
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"refund.requested", "refund.approved", "refund.done"} <= actions


def test_parts_go_back_one_after_the_other_and_never_more_than_was_paid(
    far: Far, paid: Payment, staff: tuple[User, User]
) -> None:
    poll_back(paid, staff, 15000)
    go()
    paid.refresh_from_db()
    assert (paid.state, paid.bill.state, paid.remainder()) == ("part_refunded", "part_refunded", 25000)
    with pytest.raises(RefundRefused, match="25,000"):
        poll_back(paid, staff, 25001)
    poll_back(paid, staff, 25000)
    go()
    paid.refresh_from_db()
    assert (paid.state, far.bank.total(), balances()["agency:knpa"]) == ("refunded", 0, 0)


def test_the_requester_cannot_approve_it_not_even_in_the_database(paid: Payment, staff: tuple[User, User]) -> None:
    refund = request_refund(payment_id=paid.pk, amount=1, requested_by=staff[0], reason="because", now=MORNING)
    with pytest.raises(RefundRefused, match=r"second person|다른 사람"):
        approve_refund(refund_id=refund.pk, approved_by=staff[0], reason="because", now=MORNING)
    with pytest.raises(DatabaseError, match="refund_two_people"), transaction.atomic():
        Refund.objects.update(approved_by=staff[0])
    with pytest.raises(DatabaseError, match="refund_approved_first"), transaction.atomic():
        Refund.objects.update(state="approved")


def test_nothing_goes_back_before_it_is_approved(far: Far, paid: Payment, staff: tuple[User, User]) -> None:
    request_refund(payment_id=paid.pk, amount=1, requested_by=staff[0], reason="because", now=MORNING)
    assert go().state == "requested"
    assert "refund" not in far.bank.calls


def test_what_was_rejected_can_be_requested_anew(paid: Payment, staff: tuple[User, User]) -> None:
    refund = request_refund(payment_id=paid.pk, amount=1, requested_by=staff[0], reason="because", now=MORNING)
    with pytest.raises(RefundRefused):
        request_refund(payment_id=paid.pk, amount=1, requested_by=staff[0], reason="because", now=MORNING)
    reject_refund(refund_id=refund.pk, actor="staff:2", reason="no ground", now=MORNING)
    with pytest.raises(RefundRefused):
        approve_refund(refund_id=refund.pk, approved_by=staff[1], reason="too late", now=MORNING)
    poll_back(paid, staff, 1)


def test_no_refund_can_be_requested_of_what_was_not_captured(far: Far, staff: tuple[User, User]) -> None:
    payment = begin(*alice_owes())
    with pytest.raises(RefundRefused):
        request_refund(payment_id=payment.pk, amount=1, requested_by=staff[0], reason="because", now=MORNING)


@pytest.mark.parametrize("fault", ["lost", "done_lost"])
def test_a_refund_whose_answer_was_lost_is_polled_and_done_once(
    far: Far, paid: Payment, staff: tuple[User, User], fault: Any
) -> None:
    poll_back(paid, staff, 10000)
    far.bank.faults["refund"].append(fault)
    assert go().state == "unknown"
    assert go().state == "done"
    assert far.bank.total() == paid.remainder() == 30000


def test_a_worker_that_vanished_in_a_refund_leaves_it_to_the_next(
    far: Far, paid: Payment, staff: tuple[User, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = poll_back(paid, staff, 10000)
    Refund.objects.filter(pk=refund.pk).update(state="sending", first_sent_at=Now(), ask_at=Now())
    assert go().state == "done"
    assert far.bank.total() == 30000


def test_after_the_providers_window_what_was_not_done_is_refused_and_not_sent_again(
    far: Far, paid: Payment, staff: tuple[User, User]
) -> None:
    poll_back(paid, staff, 10000)
    far.bank.faults["refund"].append("lost")
    go()
    Refund.objects.update(first_sent_at=Now() - timedelta(days=16))
    assert go().state == "refused"
    assert (far.bank.calls.count("refund"), far.bank.total()) == (1, 40000)
    assert Alarm.objects.filter(kind="refund_refused").exists()


def test_a_provider_that_refuses_leaves_everything_as_it_was(far: Far, paid: Payment, staff: tuple[User, User]) -> None:
    poll_back(paid, staff)
    far.bank.faults["refund"].append("refused")
    assert go().state == "refused"
    paid.refresh_from_db()
    assert (paid.state, far.bank.total(), balances()["agency:knpa"]) == ("paid", 40000, -40000)
    poll_back(paid, staff)
    assert go().state == "done"


def test_a_balance_that_fits_nothing_is_looked_at_by_a_person(
    far: Far, paid: Payment, staff: tuple[User, User]
) -> None:
    poll_back(paid, staff, 10000)
    far.bank.faults["refund"].append("lost")
    go()
    far.bank.accounts[paid.order_id].refunded = 3000
    assert go().state == "refused"  # what is left is not what it counted on: it cannot be made any more
    assert Alarm.objects.filter(kind="refund_balance").exists()
    poll_payments(now=MORNING)
    paid.refresh_from_db()
    assert paid.review_since is not None
    found = Refund.objects.get(state="requested")
    assert (found.outside, found.amount) == (True, 3000)


def test_a_balance_that_has_grown_is_polled_on_and_on(far: Far, paid: Payment, staff: tuple[User, User]) -> None:
    poll_back(paid, staff, 10000)
    far.bank.faults["refund"].append("lost")
    go()
    far.bank.accounts[paid.order_id].refunded = -5000
    assert go().state == "unknown"
    assert Alarm.objects.filter(kind="refund_balance").exists()


def test_money_that_settled_nothing_goes_back_without_a_word_to_the_agency(far: Far, staff: tuple[User, User]) -> None:
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("wrong_amount")
    payment = confirm(alice, begin(alice, bill), far.bank)
    refund = payment.refunds.get()
    approve_refund(refund_id=refund.pk, approved_by=staff[0], reason="I looked", now=MORNING)
    assert go().state == "done"
    payment.refresh_from_db()
    assert (payment.state, AgencyPosting.objects.count()) == ("returned", 0)
    assert balances() == {"provider:toss_payments": 0, "surplus": 0}


def test_a_refund_is_reported_after_its_payment(far: Far, paid: Payment, staff: tuple[User, User]) -> None:
    poll_back(paid, staff)
    go()
    far.biller.faults["report"].append("down")
    for reported in (["waiting", "waiting"], ["acknowledged", "waiting"], ["acknowledged", "acknowledged"]):
        AgencyPosting.objects.filter(state="waiting").update(next_at=Now())
        post_to_agencies(now=MORNING)
        assert list(AgencyPosting.objects.order_by("pk").values_list("state", flat=True)) == reported
    assert far.biller.total() == 0


def test_a_refunded_debt_opens_again_when_the_agency_says_that_it_stands(
    far: Far, paid: Payment, staff: tuple[User, User]
) -> None:
    poll_back(paid, staff)
    go()
    correct(paid.bill)
    alice = paid.bill.citizen
    assert confirm(alice, begin(alice, paid.bill), far.bank).state == "paid"
    assert far.bank.total() == 40000
