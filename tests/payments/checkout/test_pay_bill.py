"""Begin, come back, confirm: today's amount is captured, once; in doubt nothing is captured."""

from datetime import timedelta
from typing import Any

import pytest

from notifications.matching.match import match_everything
from notifications.models import Alarm, Notice, Record
from payments.billers.contract import Debt, DebtState
from payments.bills.bills import NoSuchBill, open_bills
from payments.checkout.pay_bill import NoSuchPayment
from payments.models import AgencyPosting, Bill, LedgerEntry, Payment, Settlement
from payments.refusals import Refused
from secretary.kernel.models import AuditEvent
from tests.notifications.cast import MORNING, enrol
from tests.payments.cast import alice_owes, begin, confirm, correct, make_fine, owe, states
from tests.payments.conftest import Far
from tests.support.present import present

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def far_clock(far: Far) -> None:
    far.at(MORNING)


def test_a_fine_is_paid_and_all_parties_are_notified_in_one_transaction(far: Far) -> None:
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


def test_reminders_stop_with_the_payment_and_a_receipt_is_announced(far: Far) -> None:
    alice, bill = alice_owes()
    match_everything(now=MORNING)  # the notice of the fine itself waits
    confirm(alice, begin(alice, bill), far.bank)
    assert list(Notice.objects.order_by("pk").values_list("stage__code", "state", "reason")) == [
        ("issued", "cancelled", "settled"),
        ("paid", "ready", ""),
    ]
    match_everything(now=MORNING + timedelta(days=20))  # the day of the reminder
    assert Notice.objects.count() == 2


def test_a_return_that_is_replayed_shows_the_same_and_charges_nothing(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    first = confirm(alice, payment, far.bank)
    assert confirm(alice, payment, far.bank).pk == first.pk
    assert (far.bank.calls.count("confirm"), Settlement.objects.count()) == (1, 1)


def test_what_has_been_paid_cannot_be_paid_again(far: Far) -> None:
    alice, bill = alice_owes()
    confirm(alice, begin(alice, bill), far.bank)
    with pytest.raises(Refused, match="already_paid"):
        begin(alice, bill)


def test_the_amount_is_computed_again_and_where_it_has_changed_the_citizen_sees_both(far: Far) -> None:
    alice, bill = alice_owes(
        fields={"reduced_amount": 32000, "reduction_ends_on": "2026-03-10", "due_on": "2026-05-29"}
    )
    payment = begin(alice, bill)
    assert payment.amount == 32000
    with pytest.raises(Refused, match="amount_changed") as refused:
        confirm(alice, payment, far.bank, now=MORNING + timedelta(days=1))
    assert (present(refused.value.payment).amount, present(refused.value.quote).amount) == (32000, 40000)
    assert (states(), far.bank.total()) == (["abandoned"], 0)
    again = begin(alice, bill, now=MORNING + timedelta(days=1))
    assert confirm(alice, again, far.bank, now=MORNING + timedelta(days=1)).amount == 40000


def test_the_agencys_own_figure_wins_and_a_difference_raises_an_alarm(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    far.biller.debts[bill.record.external_id] = Debt(DebtState.OPEN, 20000)
    with pytest.raises(Refused, match="amount_changed") as refused:
        confirm(alice, payment, far.bank)
    assert present(refused.value.quote).amount == 20000
    again = begin(alice, bill)  # after accepting the new amount it can be paid
    assert confirm(alice, again, far.bank).amount == 20000
    assert Alarm.objects.filter(kind="tariff_differs", subject="knpa/traffic_fine").exists()


@pytest.mark.parametrize(
    ("says", "reason", "record"),
    [
        (DebtState.PAID, "paid_elsewhere", "paid"),
        (DebtState.WITHDRAWN, "cancelled_by_agency", "withdrawn"),
        (DebtState.OBJECTION, "objected", "objected"),
    ],
)
def test_nothing_is_captured_for_a_debt_that_the_agency_does_not_hold_open(
    far: Far, says: Any, reason: Any, record: Any
) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    far.biller.debts[bill.record.external_id] = Debt(says)
    with pytest.raises(Refused, match=reason):
        confirm(alice, payment, far.bank)
    bill.refresh_from_db()
    assert (bill.state, bill.reason, bill.record.state) == ("closed", reason, record)
    assert (states(), far.bank.calls.count("confirm")) == (["abandoned"], 0)
    with pytest.raises(Refused, match=reason):
        begin(alice, bill)


def test_while_the_agency_does_not_answer_nothing_is_captured_and_the_citizen_may_try_again(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    far.biller.faults["poll"].extend(["down", "refused"])
    for reason in ("agency_silent", "unknown_to_agency"):
        with pytest.raises(Refused, match=reason):
            confirm(alice, payment, far.bank)
    assert states() == ["opened"]
    assert confirm(alice, payment, far.bank).state == "paid"


@pytest.mark.parametrize(
    ("provider", "query"),
    [
        ("toss_payments", {"amount": "100"}),
        ("toss_payments", {"orderId": "ps-another"}),
        ("kakaopay", {"paymentKey": "another"}),
    ],
)
def test_what_the_browser_made_up_is_flagged_and_not_confirmed(far: Far, provider: Any, query: Any) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill, provider=provider)
    with pytest.raises(Refused, match="tampered"):
        confirm(alice, payment, far.banks[provider], **query)
    assert (states(), far.banks[provider].calls.count("confirm")) == (["opened"], 0)
    assert Alarm.objects.filter(kind="payment_tampered").exists()


def test_a_forged_done_settles_nothing(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    with pytest.raises(Refused, match="declined"):
        confirm(alice, payment, far.bank, token="forged")
    assert (states(), Settlement.objects.count()) == (["declined"], 0)


def test_typing_the_address_ends_nothing(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    with pytest.raises(Refused, match="not_taken"):
        confirm(alice, payment, far.bank, code="incomplete")
    assert confirm(alice, payment, far.bank).state == "paid"


@pytest.mark.parametrize("provider", ["toss_payments", "kakaopay", "naverpay"])
def test_whichever_way_a_provider_names_its_id_it_is_kept(far: Far, provider: Any) -> None:
    alice, bill = alice_owes()
    paid = confirm(alice, begin(alice, bill, provider=provider), far.banks[provider])
    assert (paid.state, paid.vendor_id) == ("paid", f"{provider}-1")


def test_a_citizen_who_gives_up_can_begin_again(far: Far) -> None:
    alice, bill = alice_owes()
    with pytest.raises(Refused, match="given_up"):
        confirm(alice, begin(alice, bill), far.bank, code="PAY_PROCESS_CANCELED")
    assert confirm(alice, begin(alice, bill), far.bank).state == "paid"


def test_another_provider_ends_the_first_attempt_whose_late_confirm_is_refused(far: Far) -> None:
    alice, bill = alice_owes()
    first = begin(alice, bill)
    second = begin(alice, bill, provider="kakaopay")
    with pytest.raises(Refused, match="replaced"):
        confirm(alice, first, far.bank)
    assert confirm(alice, second, far.banks["kakaopay"]).state == "paid"
    assert (states(), far.bank.total()) == (["abandoned", "paid"], 0)


def test_while_a_payment_is_being_checked_no_other_is_begun(far: Far) -> None:
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("lost")
    assert confirm(alice, begin(alice, bill), far.bank).state == "unknown"
    with pytest.raises(Refused, match="under_way"):
        begin(alice, bill, provider="kakaopay")


@pytest.mark.parametrize(("fault", "state"), [("refused", "declined"), ("down", "abandoned")])
def test_a_provider_that_does_not_open_its_page_holds_nothing_up(far: Far, fault: Any, state: Any) -> None:
    alice, bill = alice_owes()
    far.bank.faults["begin"].append(fault)
    with pytest.raises(Refused, match="provider_"):
        begin(alice, bill)
    assert states() == [state]
    assert begin(alice, bill, provider="naverpay").state == "opened"


def test_only_providers_and_agencies_of_this_installation_are_offered(far: Far) -> None:
    alice, bill = alice_owes()
    with pytest.raises(Refused, match="not_offered"):
        begin(alice, bill, provider="paypal")


def test_an_amount_that_the_provider_made_up_settles_nothing_and_goes_back(far: Far) -> None:
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("wrong_amount")
    payment = confirm(alice, begin(alice, bill), far.bank)
    assert (payment.state, payment.settlement.amount, payment.settlement.surplus) == ("surplus", 41000, True)
    bill.refresh_from_db()
    assert (bill.state, AgencyPosting.objects.count()) == ("open", 0)
    refund = payment.refunds.get()
    assert (refund.amount, refund.state, refund.requested_by) == (41000, "requested", None)
    assert Alarm.objects.filter(kind="payment_surplus").exists()
    assert dict(LedgerEntry.objects.values_list("account", "amount")) == {
        "provider:toss_payments": 41000,
        "surplus": -41000,
    }


def test_a_confirm_that_is_approved_after_midnight_is_settled_and_raises_an_alarm(far: Far) -> None:
    alice, bill = alice_owes(
        fields={"reduced_amount": 32000, "reduction_ends_on": "2026-03-10", "due_on": "2026-05-29"}
    )
    payment = begin(alice, bill)
    far.at(MORNING + timedelta(hours=14, seconds=2))  # 00:00:02 in Seoul
    confirm(alice, payment, far.bank, now=MORNING + timedelta(hours=13, minutes=59, seconds=58))
    assert Settlement.objects.get().day == MORNING.date() + timedelta(days=1)
    assert Alarm.objects.filter(kind="payment_late").exists()


def test_the_agencys_news_that_it_is_open_do_not_undo_a_payment(far: Far) -> None:
    alice, bill = alice_owes()
    confirm(alice, begin(alice, bill), far.bank)
    correct(bill, fields={"amount": 50000})
    assert Record.objects.get().state == "paid"
    match_everything(now=MORNING)
    assert not Notice.objects.filter(stage__code="changed").exists()


def test_a_citizen_cannot_touch_the_payment_of_another(far: Far) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    bob = enrol(2)
    with pytest.raises(NoSuchBill):
        begin(bob, bill)
    with pytest.raises(NoSuchPayment):
        confirm(bob, payment, far.bank)


def test_two_ways_to_pay_one_case_lock_each_other_out(far: Far) -> None:
    fine = make_fine()
    alice = enrol(1, fine)
    owner, driver = (owe(alice, fields={"case_number": "2026-77"}) for _ in range(2))
    assert owner.debt == driver.debt
    first = begin(alice, owner)
    second = begin(alice, driver)  # ends the first
    with pytest.raises(Refused, match="replaced"):
        confirm(alice, first, far.bank)
    confirm(alice, second, far.bank)
    owner.refresh_from_db()
    assert (owner.state, owner.reason, owner.record.state) == ("closed", "sibling", "paid")
    with pytest.raises(Refused, match="sibling"):
        begin(alice, owner)
    assert Notice.objects.filter(stage__code="paid").count() == 1  # notified once


def test_looking_twice_opens_one_bill(far: Far) -> None:
    alice, _ = alice_owes()
    assert open_bills(citizen=alice, now=MORNING) == 0
    assert (Bill.objects.count(), Payment.objects.count()) == (1, 0)


@pytest.mark.parametrize(("what", "reason"), [("banks", "not_offered"), ("billers", "agency_silent")])
def test_what_was_removed_from_the_settings_meanwhile_is_refused_in_words(far: Far, what: Any, reason: Any) -> None:
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    bank, offered = far.bank, getattr(far, what)
    gone = offered.pop("toss_payments" if what == "banks" else "knpa")
    with pytest.raises(Refused, match=reason):
        confirm(alice, payment, bank)
    offered["toss_payments" if what == "banks" else "knpa"] = gone
    assert confirm(alice, payment, bank).state == "paid"
