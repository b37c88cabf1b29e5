"""Money that is refunded without us, beside refunds of ours, in any order of the news of it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models.functions import Now

from notifications.models import Alarm
from payments.bills.follow_records import follow_records
from payments.checkout.poll_payments import poll_payments
from payments.models import Payment, Refund, Settlement
from payments.providers.contract import Outcome
from payments.refunds.carry_out_refund import carry_out_refunds
from payments.refunds.request_refund import approve_refund, request_refund
from payments.refusals import Refused
from tests.notifications.cast import MORNING
from tests.payments.cast import alice_owes, begin, confirm, correct, states
from tests.payments.conftest import Far
from tests.payments.console import approve, booked, carry_out, event, poll, settled

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def far_clock(far: Far) -> None:
    far.at(MORNING)


@pytest.fixture
def staff(db: None) -> tuple[User, User]:
    return User.objects.create(username="first"), User.objects.create(username="second")


# ── beside refunds of ours ──
def poll_back(payment: Payment, staff: Any, amount: int) -> None:
    refund = request_refund(payment_id=payment.pk, amount=amount, requested_by=staff[0], reason="mercy", now=MORNING)
    approve_refund(refund_id=refund.pk, approved_by=staff[1], reason="seen", now=MORNING)


@pytest.mark.parametrize("fault", ["", "lost", "done_lost"])
@pytest.mark.parametrize("back", [None, 5000], ids=["all", "part"])
def test_a_cancellation_at_the_console_while_our_refund_is_under_way(
    far: Far, staff: tuple[User, User], fault: Any, back: Any
) -> None:
    payment = settled(far)
    poll_back(payment, staff, 10000)
    far.bank.faults["refund"].append(fault)
    Refund.objects.update(ask_at=Now())
    if fault == "":
        far.bank.refund_at_the_console(payment.order_id, back)
        carry_out_refunds(now=MORNING)
    else:
        carry_out_refunds(now=MORNING)
        far.bank.refund_at_the_console(payment.order_id, back)
    event(payment)
    payment.refresh_from_db()
    assert payment.review_since is not None
    for _ in range(3):
        carry_out()
    assert not Refund.objects.filter(state__in=("sending", "unknown", "approved")).exists()
    approve(staff)
    payment.refresh_from_db()
    assert payment.review_since is None
    assert booked("provider:") == far.bank.total() == payment.remainder()


def test_a_refund_of_ours_whose_answer_was_lost_is_no_review(far: Far, staff: tuple[User, User]) -> None:
    payment = settled(far)
    poll_back(payment, staff, 10000)
    far.bank.faults["refund"].append("done_lost")
    Refund.objects.update(ask_at=Now())
    carry_out_refunds(now=MORNING)
    event(payment)
    payment.refresh_from_db()
    assert payment.review_since is None and not Alarm.objects.exists()
    carry_out()
    payment.refresh_from_db()
    assert (payment.state, payment.review_since) == ("part_refunded", None)


def test_a_part_of_what_we_had_refunded_in_part(far: Far, staff: tuple[User, User]) -> None:
    payment = settled(far)
    poll_back(payment, staff, 10000)
    carry_out()
    far.bank.refund_at_the_console(payment.order_id, 7000)
    event(payment)
    payment.refresh_from_db()
    assert (payment.state, payment.left_there) == ("part_refunded", 23000)
    approve(staff)
    poll_back(payment, staff, 23000)
    carry_out()
    payment.refresh_from_db()
    assert (payment.state, far.bank.total(), booked("provider:")) == ("refunded", 0, 0)


def test_a_refund_that_waits_makes_way_for_one_made_at_the_console(far: Far, staff: tuple[User, User]) -> None:
    payment = settled(far)
    refund = request_refund(payment_id=payment.pk, amount=40000, requested_by=staff[0], reason="mercy", now=MORNING)
    far.bank.refund_at_the_console(payment.order_id)
    event(payment)
    refund.refresh_from_db()
    assert (refund.state, refund.code) == ("rejected", "overtaken")
    assert approve(staff).outside
    assert (states(), far.bank.total(), booked("provider:")) == (["refunded"], 0, 0)


def test_the_rest_is_still_to_be_refunded_where_the_agency_has_cancelled_the_debt(
    far: Far, staff: tuple[User, User]
) -> None:
    payment = settled(far)
    correct(payment.bill, state="withdrawn")
    follow_records(now=MORNING)
    assert Refund.objects.get().amount == 40000
    far.bank.refund_at_the_console(payment.order_id, 15000)
    event(payment)
    approve(staff)
    follow_records(now=MORNING)
    assert approve(staff).amount == 25000
    assert (states(), far.bank.total(), booked("provider:")) == (["refunded"], 0, 0)
    assert follow_records(now=MORNING) == 1 and follow_records(now=MORNING) == 0


def test_surplus_that_is_refunded_at_the_console_needs_no_refund_any_more(far: Far, staff: tuple[User, User]) -> None:
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("wrong_amount")
    payment = confirm(alice, begin(alice, bill), far.bank)
    far.bank.refund_at_the_console(payment.order_id)
    event(payment)
    assert [refund.outside for refund in Refund.objects.filter(state="requested")] == [True]
    approve(staff)
    assert (states(), booked("provider:"), booked("surplus")) == (["returned"], 0, 0)


# ── in which order news come ──
def test_an_event_about_the_cancellation_that_overtakes_our_own_answer(far: Far) -> None:
    """Captured, cancelled, polled because of the event; then the answer to our confirm reports the capture."""
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    answer = far.bank._paid

    def overtake() -> None:
        far.bank.capture_unseen(payment.order_id)
        reported = answer(far.bank.accounts[payment.order_id])
        far.bank.refund_at_the_console(payment.order_id)
        event(payment)
        assert states() == ["reversed"]
        far.bank._paid = lambda _: reported  # type: ignore[assignment, method-assign]

    far.bank.at_confirm = overtake
    with pytest.raises(Refused, match="reversed"):
        confirm(alice, payment, far.bank)
    assert states() == ["reversed"] and not Settlement.objects.exists()
    far.bank._paid = answer  # type: ignore[method-assign]
    assert poll_payments(now=MORNING) == 1  # which of the two is newer, only the provider knows
    assert states() == ["reversed"] and not Settlement.objects.exists() and not Alarm.objects.exists()


def test_an_older_answer_that_comes_late_changes_nothing(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers poll; the one that polled first, before the cancellation, is the slower one."""
    payment = settled(far)
    poll_now = far.bank.poll

    def slow(**order: str) -> Outcome:
        reported = poll_now(**order)
        monkeypatch.setattr(far.bank, "poll", poll_now)
        far.bank.refund_at_the_console(payment.order_id)
        event(payment)
        return reported

    monkeypatch.setattr(far.bank, "poll", slow)
    Payment.objects.update(ask_at=Now())
    poll_payments(now=MORNING)
    payment.refresh_from_db()
    assert payment.review_since is not None and payment.left_there == 0
    poll()
    payment.refresh_from_db()
    assert payment.review_since is not None


def test_an_answer_from_before_our_own_refund_puts_nothing_into_review(
    far: Far, staff: tuple[User, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = settled(far)
    poll_back(payment, staff, 10000)
    poll_now = far.bank.poll

    def slow(**order: str) -> Outcome:
        reported = poll_now(**order)
        monkeypatch.setattr(far.bank, "poll", poll_now)
        Refund.objects.update(ask_at=Now())
        carry_out_refunds(now=MORNING)
        return reported

    monkeypatch.setattr(far.bank, "poll", slow)
    Payment.objects.update(ask_at=Now())
    poll_payments(now=MORNING)
    payment.refresh_from_db()
    assert (payment.state, payment.review_since) == ("part_refunded", None)
    poll()
    assert not Alarm.objects.exists()
