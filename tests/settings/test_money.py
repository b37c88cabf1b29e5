"""What is set about paying is what it does."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from notifications.models import Alarm
from payments import adapters
from payments.checkout.poll_payments import alarm_about_unknown, poll_payments
from payments.checkout.post_to_agency import alarm_about_unposted, post_to_agencies
from payments.models import AgencyPosting, Payment
from payments.reconciliation.reconcile import reconcile_due
from payments.web.payment_view import view_providers
from tests.notifications.cast import MORNING
from tests.payments.bank import Killed
from tests.payments.cast import alice_owes, begin, confirm, let_time_pass

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def far_clock(far: Any) -> None:
    far.at(MORNING)


def seconds_until(column: str, model: Any = Payment) -> float:
    row = model.objects.annotate(clock=Now()).get()
    return float((getattr(row, column) - row.clock).total_seconds())


@pytest.mark.parametrize("seconds", [60, 120])
def test_payment_lease_seconds(far: Any, settings: Any, seconds: int) -> None:
    settings.PAYMENT_LEASE_SECONDS = seconds
    alice, bill = alice_owes()
    payment = begin(alice, bill)
    far.bank.faults["confirm"].append("killed_before")
    with pytest.raises(Killed):
        confirm(alice, payment, far.bank)
    assert seconds_until("lease_until") == pytest.approx(seconds, abs=5)


@pytest.mark.parametrize("minutes", [30, 45])
def test_payment_stale_minutes(far: Any, settings: Any, minutes: int) -> None:
    settings.PAYMENT_STALE_MINUTES = minutes
    begin(*alice_owes())
    assert seconds_until("ask_at") == pytest.approx(minutes * 60, abs=5)


@pytest.mark.parametrize(("first", "most", "waits"), [(10, 900, [10, 20, 40]), (30, 50, [30, 50, 50])])
def test_payment_poll_seconds(far: Any, settings: Any, first: int, most: int, waits: list[int]) -> None:
    settings.PAYMENT_POLL_SECONDS, settings.PAYMENT_POLL_MAX_SECONDS = first, most
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("lost")
    confirm(alice, begin(alice, bill), far.bank)
    far.bank.faults["poll"].extend(["silent"] * 3)
    seen = []
    for _ in range(3):
        let_time_pass()
        poll_payments(now=MORNING)
        seen.append(round(seconds_until("ask_at")))
    assert seen == pytest.approx(waits, abs=2)


@pytest.mark.parametrize(("minutes", "alarms"), [(60, 1), (90, 0)])
def test_payment_unknown_alarm_minutes(far: Any, settings: Any, minutes: int, alarms: int) -> None:
    settings.PAYMENT_UNKNOWN_ALARM_MINUTES = minutes
    alice, bill = alice_owes()
    far.bank.faults["confirm"].append("taken_lost")
    confirm(alice, begin(alice, bill), far.bank)
    Payment.objects.update(confirmed_at=MORNING)
    assert alarm_about_unknown(now=MORNING + timedelta(minutes=70)) == alarms


@pytest.mark.parametrize(("first", "most", "longest"), [(30, 3600, 30), (300, 3600, 300), (300, 100, 100)])
def test_posting_retry_seconds(far: Any, settings: Any, first: int, most: int, longest: int) -> None:
    settings.POSTING_RETRY_SECONDS, settings.POSTING_RETRY_MAX_SECONDS = first, most
    alice, bill = alice_owes()
    confirm(alice, begin(alice, bill), far.bank)
    far.biller.faults["report"].append("down")
    AgencyPosting.objects.update(next_at=Now())
    post_to_agencies(now=MORNING)
    assert longest / 2 - 1 <= seconds_until("next_at", AgencyPosting) <= longest + 1


@pytest.mark.parametrize(("minutes", "alarms"), [(60, 1), (90, 0)])
def test_posting_alarm_minutes(far: Any, settings: Any, minutes: int, alarms: int) -> None:
    settings.POSTING_ALARM_MINUTES = minutes
    alice, bill = alice_owes()
    far.biller.faults["report"].append("down")
    confirm(alice, begin(alice, bill), far.bank)
    assert alarm_about_unposted(now=MORNING + timedelta(minutes=70)) == alarms
    assert Alarm.objects.filter(kind="unposted").count() == alarms


@pytest.mark.parametrize(("after", "days"), [(time(7), 0), (time(6), 1)])
def test_reconcile_after(far: Any, settings: Any, after: time, days: int) -> None:
    settings.RECONCILE_AFTER = after
    alice, bill = alice_owes()
    confirm(alice, begin(alice, bill), far.bank)
    assert reconcile_due(now=MORNING + timedelta(hours=20, minutes=30)) == days  # 06:30 of the next day in Seoul


@pytest.mark.parametrize(("most", "status"), [(65_536, 400), (10, 413)])
def test_payment_callback_max_bytes(far: Any, settings: Any, most: int, status: int) -> None:
    settings.PAYMENT_CALLBACK_MAX_BYTES = most
    answer = Client().post("/webhooks/payments/toss_payments/", b"?" * 50, "text/plain")
    assert answer.status_code in ({413} if status == 413 else {200, 400, 401})


def test_payment_providers_are_offered_in_their_order(far: Any, settings: Any) -> None:
    settings.PAYMENT_PROVIDERS = ["naverpay", "toss_payments"]
    assert [view.name for view in view_providers(language="ko")] == ["naverpay", "toss_payments"]


def test_payment_total_seconds(settings: Any) -> None:
    settings.PAYMENT_TOTAL_SECONDS = 16.5
    assert adapters._timing().total_seconds == 16.5
