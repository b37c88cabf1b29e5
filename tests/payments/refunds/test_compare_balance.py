"""Money that went back at the provider without us is not paid, and what of it is left is a person's to look at."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now

from notifications.models import Alarm, Notice, Record
from payments.checkout.poll_payments import poll_payments
from payments.models import AgencyPosting, Bill, Journal, Payment, Refund, Settlement
from payments.providers.contract import Outcome, Verdict
from payments.refunds.request_refund import reject_refund
from payments.refusals import Refused
from secretary.kernel.models import AuditEvent
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, confirm, states
from tests.payments.conftest import Far
from tests.payments.console import approve, booked, event, poll, settled

pytestmark = pytest.mark.django_db
PROVIDERS = ("toss_payments", "kakaopay", "naverpay")
providers = pytest.mark.parametrize("name", PROVIDERS)


@pytest.fixture(autouse=True)
def far_clock(far: Far) -> None:
    far.at(MORNING)


@pytest.fixture
def staff(db: None) -> tuple[User, User]:
    return User.objects.create(username="first"), User.objects.create(username="second")


def lost(far: Any, name: str = "toss_payments", *, back: int | None = None) -> tuple[Payment, Bill]:
    """Captured, the answer lost, and refunded (all or `back`) before we poll."""
    alice, bill = alice_owes()
    bank = far.banks[name]
    payment = begin(alice, bill, provider=name)
    bank.faults["confirm"].append("taken_lost")
    confirm(alice, payment, bank)
    bank.refund_at_the_console(payment.order_id, back)
    return payment, bill


# ── before it was settled ──
@providers
def test_what_went_back_before_it_was_settled_was_not_paid(far: Far, name: Any) -> None:
    payment, bill = lost(far, name)
    poll()
    payment.refresh_from_db()
    bill.refresh_from_db()
    assert (payment.state, payment.reason, bill.state) == ("reversed", "reversed", "open")
    for nothing in (Settlement, AgencyPosting, Journal, Refund, Alarm):
        assert not nothing.objects.exists()
    assert Record.objects.get(pk=bill.record_id).state == "open"
    assert not Notice.objects.filter(stage__code="paid").exists()
    assert AuditEvent.objects.filter(action="payment.reversed").count() == 1


@providers
def test_the_bill_can_be_paid_again_at_once(far: Far, name: Any) -> None:
    payment, bill = lost(far, name)
    with pytest.raises(Refused, match="under_way"):
        begin(bill.citizen, bill)
    poll()
    with pytest.raises(Refused, match="reversed"):
        confirm(bill.citizen, payment, far.banks[name])
    assert confirm(bill.citizen, begin(bill.citizen, bill), far.bank).state == "paid"


@pytest.mark.parametrize("ended", ["abandoned", "expired", "declined"])
def test_no_refund_is_requested_of_an_ended_payment_that_the_provider_has_reversed_itself(far: Far, ended: Any) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    Payment.objects.update(state=ended, ask_at=Now())
    far.bank.capture_unseen(payment.order_id)
    far.bank.refund_at_the_console(payment.order_id)
    poll_payments(now=MORNING)
    assert states() == ["reversed"]
    assert not Refund.objects.exists() and not Settlement.objects.exists()


@providers
def test_a_part_that_is_left_pays_nothing_and_is_looked_at(far: Far, staff: tuple[User, User], name: Any) -> None:
    payment, bill = lost(far, name, back=15000)
    poll()
    payment.refresh_from_db()
    bill.refresh_from_db()
    assert (payment.state, payment.reason, bill.state) == ("surplus", "part_reversed", "open")
    assert payment.review_since == MORNING and payment.left_there == 25000
    assert not AgencyPosting.objects.exists()
    assert set(Alarm.objects.values_list("kind", flat=True)) == {"payment_review", "payment_surplus"}
    assert approve(staff).amount == 25000  # of the 15,000 the books know now; a refund of the rest is requested
    payment.refresh_from_db()
    assert payment.review_since is None
    approve(staff)
    assert states() == ["returned"]
    assert (far.banks[name].total(), booked("provider:"), booked("surplus")) == (0, 0, 0)
    assert not AgencyPosting.objects.exists()


def test_a_reversed_payment_that_holds_money_again_is_surplus(far: Far) -> None:
    """No provider is known to do so. It is written down, never hidden."""
    payment, _ = lost(far)
    poll()
    far.bank.accounts[payment.order_id].refunded = 0
    event(payment)
    payment.refresh_from_db()
    assert (payment.state, payment.reason) == ("surplus", "after_reversed")


def test_an_answer_without_a_balance_settles_nothing(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    payment, _ = lost(far)
    for balance in (None, 40001):
        reported = Outcome(Verdict.PAID, payment.order_id, amount=40000, balance=balance)
        monkeypatch.setattr(far.bank, "poll", lambda reported=reported, **_: reported)
        poll()
        assert states() == ["unknown"]
    assert Alarm.objects.get(kind="payment_answer").subject == payment.order_id


# ── after it was settled ──
@providers
@pytest.mark.parametrize("back", [None, 15000], ids=["all", "part"])
def test_a_settled_payment_that_is_refunded_at_the_console_is_in_review_when_the_event_comes(
    far: Far, name: Any, back: Any
) -> None:
    payment = settled(far, name)
    far.banks[name].refund_at_the_console(payment.order_id, back)
    event(payment)
    payment.refresh_from_db()
    assert (payment.state, payment.review_since) == ("paid", MORNING)
    assert payment.left_there == (0 if back is None else 25000)
    assert Alarm.objects.get(kind="payment_review").subject == payment.order_id
    refund = Refund.objects.get()
    assert (refund.outside, refund.state, refund.amount) == (True, "requested", back or 40000)
    assert "refund" not in far.banks[name].calls


@providers
@pytest.mark.parametrize(("back", "ends"), [(None, "refunded"), (15000, "part_refunded")], ids=["all", "part"])
def test_a_person_books_it_and_it_is_reported_to_the_agency(
    far: Far, staff: tuple[User, User], name: Any, back: Any, ends: Any
) -> None:
    payment = settled(far, name)
    bank = far.banks[name]
    bank.refund_at_the_console(payment.order_id, back)
    event(payment)
    assert approve(staff).state == "done"
    payment.refresh_from_db()
    assert (payment.state, payment.bill.state, payment.review_since) == (ends, ends, None)
    assert booked("provider:") == bank.total() == -booked("agency:")
    assert list(AgencyPosting.objects.order_by("pk").values_list("kind", "amount")) == [
        ("paid", 40000),
        ("refunded", back or 40000),
    ]
    assert bank.calls.count("refund") == 0


def test_news_of_the_same_difference_are_no_news(far: Far, staff: tuple[User, User]) -> None:
    payment = settled(far)
    far.bank.refund_at_the_console(payment.order_id, 15000)
    for _ in range(3):
        event(payment)
    assert Refund.objects.count() == AuditEvent.objects.filter(action="payment.in_review").count() == 1
    far.bank.refund_at_the_console(payment.order_id, 5000)
    event(payment)
    assert list(Refund.objects.order_by("pk").values_list("state", "amount")) == [
        ("rejected", 15000),
        ("requested", 20000),
    ]
    approve(staff)
    assert booked("provider:") == far.bank.total() == 20000


def test_what_a_person_has_rejected_is_not_requested_again_and_stays_in_review(
    far: Far, staff: tuple[User, User]
) -> None:
    payment = settled(far)
    far.bank.refund_at_the_console(payment.order_id)
    event(payment)
    reject_refund(refund_id=Refund.objects.get().pk, actor="staff:2", reason="the console lies", now=MORNING)
    event(payment)
    payment.refresh_from_db()
    assert Refund.objects.count() == 1 and payment.review_since is not None


def test_a_review_ends_when_the_two_agree_again(far: Far) -> None:
    payment = settled(far)
    far.bank.accounts[payment.order_id].refunded = 40000
    event(payment)
    far.bank.accounts[payment.order_id].refunded = 0  # the card company has undone it
    event(payment)
    payment.refresh_from_db()
    assert (payment.review_since, payment.left_there) == (None, None)


def test_a_further_cancellation_before_the_approval_is_found_by_it(far: Far, staff: tuple[User, User]) -> None:
    payment = settled(far)
    far.bank.refund_at_the_console(payment.order_id, 15000)
    event(payment)
    far.bank.refund_at_the_console(payment.order_id, 5000)
    assert approve(staff).state == "requested"  # the newest: 20,000
    assert approve(staff).state == "done"
    assert booked("provider:") == far.bank.total() == 20000


@pytest.mark.parametrize("verdict", [Verdict.OPEN, Verdict.DECLINED])
def test_a_provider_that_does_not_know_of_what_was_settled_puts_it_into_review(
    far: Far, monkeypatch: pytest.MonkeyPatch, verdict: Any
) -> None:
    payment = settled(far)
    monkeypatch.setattr(far.bank, "poll", lambda **_: Outcome(verdict, payment.order_id, code="NOT_FOUND"))
    event(payment)
    payment.refresh_from_db()
    assert (payment.state, payment.left_there) == ("paid", None) and payment.review_since
    assert Alarm.objects.filter(kind="payment_review").exists() and not Refund.objects.exists()
