"""Paid elsewhere, cancelled, objected to: reports of the feed and steps of the citizen, with and without a payment
under way."""

from datetime import timedelta
from typing import Any

import pytest

from notifications.delivery.claim import claim
from notifications.matching.match import match_everything
from notifications.models import Alarm, Notice
from payments.bills.follow_records import follow_records
from payments.bills.object_to_bill import raise_objection, take_back_objection
from payments.checkout.poll_payments import poll_payments
from payments.models import Refund, Settlement
from payments.refunds.carry_out_refund import carry_out_refunds
from payments.refunds.request_refund import approve_refund, request_refund
from payments.refusals import Refused
from payments.web.bill_view import view_bill
from tests.notifications.cast import MORNING, add_stage
from tests.payments.bank import Killed
from tests.payments.cast import alice_owes, begin, confirm, correct, let_time_pass, owe, states
from tests.payments.conftest import Far
from tests.support.present import present

pytestmark = pytest.mark.django_db
NEWS = [("paid", "paid_elsewhere"), ("completed", "paid_elsewhere"), ("withdrawn", "cancelled_by_agency")]


@pytest.mark.parametrize(("state", "reason"), NEWS)
def test_a_feed_closes_the_bill_and_the_page_that_is_open(far: Far, state: Any, reason: Any) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    correct(bill, state=state)
    assert (follow_records(now=MORNING), follow_records(now=MORNING)) == (1, 0)
    bill.refresh_from_db()
    assert (bill.state, bill.reason, states()) == ("closed", reason, ["abandoned"])
    with pytest.raises(Refused, match=reason):
        confirm(alice, payment, far.bank)
    assert far.bank.total() == 0


@pytest.mark.parametrize(("state", "reason"), NEWS)
def test_begin_and_confirm_learn_it_without_the_sweeper(far: Far, state: Any, reason: Any) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    correct(bill, state=state)
    with pytest.raises(Refused, match=reason):
        confirm(alice, payment, far.bank)
    with pytest.raises(Refused, match=reason):
        begin(alice, bill)


def test_what_was_captured_while_the_news_came_in_settles_nothing_and_is_refunded(far: Far) -> None:
    alice, bill = alice_owes()
    far.bank.at_confirm = lambda: correct(bill, state="paid")
    payment = confirm(alice, begin(alice, bill), far.bank)
    assert (payment.state, payment.reason) == ("surplus", "paid_elsewhere")
    assert Refund.objects.get().amount == far.bank.total() == 40000
    bill.refresh_from_db()
    assert (bill.state, bill.reason) == ("closed", "paid_elsewhere")


def test_a_payment_that_is_being_checked_outlives_the_news(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    far.bank.faults["confirm"].append("killed_after")
    with pytest.raises(Killed):
        confirm(alice, payment, far.bank)
    correct(bill, state="withdrawn")
    follow_records(now=MORNING)
    assert states() == ["confirming"]
    let_time_pass()
    poll_payments(now=MORNING)
    assert (states(), Settlement.objects.get().surplus) == (["surplus"], True)


def test_a_bill_comes_back_when_the_agency_corrects_itself(far: Far) -> None:
    alice, bill = alice_owes()
    correct(bill, state="withdrawn")
    follow_records(now=MORNING)
    correct(bill, state="open")
    assert confirm(alice, begin(alice, bill), far.bank).state == "paid"


def test_a_debt_that_is_cancelled_after_it_was_paid_here_is_to_be_refunded(far: Far) -> None:
    alice, bill = alice_owes()
    confirm(alice, begin(alice, bill), far.bank)
    correct(bill, state="withdrawn")
    assert (follow_records(now=MORNING), follow_records(now=MORNING)) == (1, 0)
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, refund.state) == (40000, "cancelled_by_agency", "requested")
    assert Alarm.objects.filter(kind="paid_and_cancelled").exists()


def test_a_pause_holds_what_comes_after_a_deadline_and_never_the_reminder_of_it(far: Far) -> None:
    alice, bill = alice_owes()
    add_stage(present(bill.record.data_type.live_version), "overdue", trigger="date", date_slot=1, offset_days=1)
    raise_objection(citizen=alice, bill_id=bill.pk, now=MORNING)
    for days, stage, stands in ((20, "due_soon", ("sending", "")), (24, "overdue", ("ready", "objection"))):
        match_everything(now=MORNING + timedelta(days=days))
        claim(now=MORNING + timedelta(days=days))
        notice = Notice.objects.get(stage__code=stage)
        assert (notice.state, notice.reason) == stands
    take_back_objection(citizen=alice, bill_id=bill.pk, now=MORNING + timedelta(days=24))
    claim(now=MORNING + timedelta(days=24))
    notice.refresh_from_db()
    assert notice.state == "sending"


@pytest.mark.parametrize("pause", [False, True])
def test_an_objection_at_the_agency_closes_the_bill_for_as_long_as_it_stands(far: Far, pause: Any) -> None:
    alice, bill = alice_owes(fields={"reduced_amount": 32000, "reduction_ends_on": "2026-03-23"})
    add_stage(present(bill.record.data_type.live_version), "overdue", trigger="date", date_slot=1, offset_days=1)
    if pause:
        raise_objection(citizen=alice, bill_id=bill.pk, now=MORNING)
    correct(bill, state="objected")
    assert (follow_records(now=MORNING), follow_records(now=MORNING)) == (1, 0)
    bill.refresh_from_db()
    assert (bill.state, bill.reason, bill.record.objected_at) == ("closed", "objected", None)
    match_everything(now=MORNING + timedelta(days=30))
    assert not Notice.objects.filter(stage__code="overdue").exists()
    for days in (0, 60, 600):
        seen = view_bill(citizen=alice, bill_id=bill.pk, language="ko", now=MORNING + timedelta(days=days))
        clock = present(seen.clock)
        assert (seen.payable, clock.amount, clock.next) == (False, 40000, None)
    correct(bill, state="open")
    assert (follow_records(now=MORNING), follow_records(now=MORNING)) == (1, 0)
    bill.refresh_from_db()
    assert bill.state == "open"


@pytest.mark.parametrize("before", ["open", "objection", "objected"])
@pytest.mark.parametrize(("state", "reason"), NEWS)
def test_whatever_stood_before_the_agencys_last_word_is_why_a_bill_is_closed(
    far: Far, before: Any, state: Any, reason: Any
) -> None:
    alice, bill = alice_owes()
    if before == "objection":
        raise_objection(citizen=alice, bill_id=bill.pk, now=MORNING)
    correct(bill, state="objected" if before == "objected" else "open")
    follow_records(now=MORNING)
    correct(bill, state=state)
    follow_records(now=MORNING)
    bill.refresh_from_db()
    assert (bill.state, bill.reason) == ("closed", reason)


def test_a_debt_that_is_corrected_to_nothing_has_ended(far: Far) -> None:
    alice, bill = alice_owes()
    match_everything(now=MORNING)
    claim(now=MORNING)
    correct(bill, fields={"amount": 0})
    follow_records(now=MORNING)
    bill.refresh_from_db()
    assert (bill.state, bill.reason, bill.record.state) == ("closed", "cancelled_by_agency", "withdrawn")
    view_bill(citizen=alice, bill_id=bill.pk, language="ko", now=MORNING)
    match_everything(now=MORNING + timedelta(days=20))
    assert set(Notice.objects.values_list("stage__code", flat=True)) == {"issued", "cancelled"}
    assert not Alarm.objects.filter(kind="unquotable").exists()
    correct(bill, fields={"amount": 30000})
    follow_records(now=MORNING)
    bill.refresh_from_db()
    assert bill.state == "open"


def test_nothing_can_be_paid_during_an_objection_and_again_after_it(far: Far) -> None:
    alice, bill = alice_owes()
    begin(alice, bill)
    raise_objection(citizen=alice, bill_id=bill.pk, now=MORNING)
    assert states() == ["abandoned"]
    with pytest.raises(Refused, match="objection"):
        begin(alice, bill)
    with pytest.raises(Refused, match="objection"):
        raise_objection(citizen=alice, bill_id=bill.pk, now=MORNING)
    take_back_objection(citizen=alice, bill_id=bill.pk, now=MORNING)
    assert confirm(alice, begin(alice, bill), far.bank).state == "paid"
    with pytest.raises(Refused, match="already_paid"):
        raise_objection(citizen=alice, bill_id=bill.pk, now=MORNING)


def test_no_objection_comes_between_a_confirm_and_its_answer(far: Far) -> None:
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("taken_lost")
    confirm(alice, begin(alice, bill), far.bank)
    with pytest.raises(Refused, match="under_way"):
        raise_objection(citizen=alice, bill_id=bill.pk, now=MORNING)


def test_the_agencys_newer_word_ends_an_objection(far: Far) -> None:
    alice, bill = alice_owes()
    raise_objection(citizen=alice, bill_id=bill.pk, now=MORNING)
    assert follow_records(now=MORNING) == 0
    correct(bill, now=MORNING + timedelta(days=9), fields={"amount": 20000})
    assert follow_records(now=MORNING + timedelta(days=9)) == 1
    bill.refresh_from_db()
    assert (bill.state, bill.record.objected_at) == ("open", None)


def test_looking_for_what_is_behind_is_one_statement_however_many_bills_there_are(
    far: Far, django_assert_num_queries: Any
) -> None:
    alice, _ = alice_owes()
    for _ in range(5):
        owe(alice)
    with django_assert_num_queries(1):
        assert follow_records(now=MORNING) == 0


def test_of_a_cancelled_debt_that_was_partly_refunded_the_rest_is_to_be_refunded(
    far: Far, django_user_model: Any
) -> None:
    alice, bill = alice_owes()
    paid = confirm(alice, begin(alice, bill), far.bank)
    clerk, chief = (django_user_model.objects.create(username=name) for name in ("clerk", "chief"))
    part = request_refund(payment_id=paid.pk, amount=15000, requested_by=clerk, reason="mercy", now=MORNING)
    approve_refund(refund_id=part.pk, approved_by=chief, reason="yes", now=MORNING)
    carry_out_refunds(now=MORNING)
    correct(bill, state="withdrawn")
    assert (follow_records(now=MORNING), follow_records(now=MORNING)) == (1, 0)
    assert Refund.objects.get(reason="cancelled_by_agency").amount == 25000
