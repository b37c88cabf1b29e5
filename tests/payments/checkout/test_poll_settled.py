"""What goes back at a provider's console days after the payment, where the provider publishes no list and no event."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from notifications.models import Alarm
from payments import tasks
from payments.checkout.poll_settled import poll_settled
from payments.models import Payment, Refund
from payments.reconciliation.reconcile import reconcile
from secretary.kernel.models import ScheduledRun
from secretary.kernel.time import database_clock
from secretary.kernel.time.clock import kst_date
from tests.notifications.cast import MORNING, enrol
from tests.payments.cast import alice_owes, begin, confirm, make_fine, owe
from tests.payments.conftest import Far
from tests.payments.console import event, poll, settled
from tests.support.present import present

pytestmark = pytest.mark.django_db
DAYS = [1, 3, 7, 14, 30, 60]


@pytest.fixture(autouse=True)
def far_clock(far: Far) -> None:
    far.at(MORNING)


def asked(far: Any, name: str) -> int:
    return far.banks[name].calls.count("poll")


def a_day_passes(days: int) -> int:
    return poll_settled(now=MORNING + timedelta(days=days))


@pytest.mark.parametrize("back", [None, 15000], ids=["all", "part"])
def test_a_console_refund_in_the_second_week_is_found_at_the_next_question(far: Far, back: Any) -> None:
    payment = settled(far, "kakaopay")
    for day in range(10):
        a_day_passes(day)
        poll()
    far.banks["kakaopay"].refund_at_the_console(payment.order_id, back)
    reconcile(day=kst_date(MORNING + timedelta(days=9)), now=MORNING + timedelta(days=10))
    for day in range(10, 14):
        assert a_day_passes(day) == 0
    poll()
    payment.refresh_from_db()
    assert payment.review_since is None  # reconciliation has not run yet
    assert a_day_passes(14) == 1
    poll()
    payment.refresh_from_db()
    assert payment.review_since is not None and payment.left_there == (25000 if back else 0)
    assert Alarm.objects.get(kind="payment_review").subject == payment.order_id
    assert (Refund.objects.get().outside, Refund.objects.get().amount) == (True, back or 40000)


@pytest.mark.parametrize("days", [DAYS, [2, 40]], ids=["as shipped", "other days"])
def test_each_day_of_the_setting_is_one_question(far: Far, settings: Any, days: Any) -> None:
    settings.PAYMENT_POLL_SETTLED_DAYS = days
    settled(far, "kakaopay")
    before = asked(far, "kakaopay")
    planned = []
    for day in range(70):
        planned += [day] * a_day_passes(day) + [day] * a_day_passes(day)  # two schedulers
        poll()
    assert (planned, asked(far, "kakaopay") - before) == (days, len(days))


@pytest.mark.parametrize("name", ["toss_payments", "naverpay"])
def test_where_settlements_are_listed_nothing_is_polled(far: Far, name: Any) -> None:
    settled(far, name)
    before = asked(far, name)
    assert sum(a_day_passes(day) for day in range(40)) == 0
    poll()
    assert asked(far, name) == before


def test_days_on_which_no_worker_ran_are_made_up(far: Far) -> None:
    settled(far, "kakaopay")
    assert a_day_passes(5) == 1  # for the first and the third
    poll()
    assert [a_day_passes(day) for day in (6, 7, 8)] == [0, 1, 0]


def test_surplus_money_is_watched_too_and_what_went_back_is_not(far: Far) -> None:
    payment = settled(far, "kakaopay")
    for state, planned in (("part_refunded", 1), ("refunded", 0)):
        Payment.objects.update(state=state, ask_at=None)
        ScheduledRun.objects.all().delete()
        assert a_day_passes(3) == planned
    alice, bill = payment.bill.citizen, owe(payment.bill.citizen, 1)
    other = begin(alice, bill, provider="kakaopay")
    Payment.objects.filter(pk=other.pk).update(state="abandoned")
    far.banks["kakaopay"].capture_unseen(other.order_id)
    event(other)
    ScheduledRun.objects.all().delete()
    assert list(Payment.objects.filter(pk=other.pk).values_list("state", flat=True)) == ["surplus"]
    assert a_day_passes(3) == 1


def test_a_question_that_is_due_already_keeps_its_hour(far: Far) -> None:
    payment = settled(far, "kakaopay")
    Payment.objects.update(ask_at=Now())
    due = Payment.objects.get(pk=payment.pk).ask_at
    assert a_day_passes(3) == 0
    assert Payment.objects.get(pk=payment.pk).ask_at == due


def test_one_day_s_questions_are_spread_and_one_that_fails_stops_no_other(
    far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = make_fine()
    bank = far.banks["kakaopay"]
    payments = []
    for number in (1, 2, 3):
        person = enrol(number, fine, channels=["sms"])
        payments.append(confirm(person, begin(person, owe(person, number), provider="kakaopay"), bank))
    for payment in payments:
        bank.refund_at_the_console(payment.order_id)
    assert a_day_passes(3) == 3
    first, second, third = map(present, Payment.objects.order_by("pk").values_list("ask_at", flat=True))
    assert second - first == third - second == timedelta(hours=2)
    whole = bank.poll

    def broken(*, order_id: str, vendor_id: str) -> Any:
        if order_id == payments[0].order_id:
            raise KeyError("a field that was always there")
        return whole(order_id=order_id, vendor_id=vendor_id)

    monkeypatch.setattr(bank, "poll", broken)
    poll()
    reviewed = Payment.objects.filter(review_since__isnull=False).order_by("pk")
    assert [payment.pk for payment in reviewed] == [payment.pk for payment in payments[1:]]
    monkeypatch.setattr(bank, "poll", whole)
    poll()
    assert Payment.objects.filter(review_since__isnull=False).count() == 3


def test_the_scheduled_task_plans_it_though_the_comparison_fails(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    payment = settled(far, "kakaopay")
    monkeypatch.setattr(database_clock, "now", lambda: MORNING + timedelta(days=3))
    monkeypatch.setattr(tasks, "reconcile_due", lambda **_: 1 / 0)
    tasks.reconcile()
    payment.refresh_from_db()
    assert payment.ask_at is not None
    assert Alarm.objects.filter(kind="row_failed", subject="reconciliation").exists()


def test_none_turns_it_off(far: Far, settings: Any) -> None:
    settings.PAYMENT_POLL_SETTLED_DAYS = []
    settled(far, "kakaopay")
    assert a_day_passes(3) == 0


def test_no_provider_without_a_list_costs_no_statement(far: Far, settings: Any, django_assert_num_queries: Any) -> None:
    settings.PAYMENT_PROVIDERS = ["toss_payments", "naverpay"]
    with django_assert_num_queries(0):
        assert a_day_passes(3) == 0


def test_the_person_s_payment_is_the_one_that_is_polled() -> None:
    """Alice's unpaid bill is not polled."""
    alice_owes()
    assert a_day_passes(3) == 0
