"""Deliveries are counted once, in the hour in which they began, also when a gateway reports late or again."""

from datetime import timedelta

import pytest

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.models import Delivery, DeliveryChange, DeliveryHour
from notifications.operations.count_ended import count_deliveries
from tests.notifications.cast import MORNING

pytestmark = pytest.mark.django_db


def attempt(notice: int, fence: int = 1, channel: str = "sms") -> Delivery:
    return Delivery.objects.create(
        notice_id=notice,
        fence=fence,
        channel=channel,
        template_id=1,
        batch_key="b",
        day=MORNING.date(),
        started_at=MORNING + timedelta(minutes=59),
    )


def report(delivery: Delivery, verdict: Verdict, *, after: timedelta, code: str = "", by_receipt: bool = True) -> None:
    reported = Reported(delivery.pk, Outcome("", verdict, code), channel=delivery.channel, by_receipt=by_receipt)
    apply_outcomes([reported], now=delivery.started_at + after)


def counts() -> dict[tuple[str, str, str, int], int]:
    rows = DeliveryHour.objects.filter(hour=MORNING, count__gt=0)
    return {(row.channel, row.state, row.code, row.duration): row.count for row in rows}


def test_each_end_is_counted_in_the_hour_in_which_it_began_and_only_once() -> None:
    first, second, third = attempt(1), attempt(2, channel="kakaotalk"), attempt(3)
    report(first, Verdict.ACCEPTED, after=timedelta(seconds=1), by_receipt=False)
    report(first, Verdict.DELIVERED, after=timedelta(seconds=10))
    report(first, Verdict.DELIVERED, after=timedelta(seconds=11))  # a repeat
    report(second, Verdict.UNDELIVERABLE, after=timedelta(seconds=1), code="3016", by_receipt=False)
    report(third, Verdict.ACCEPTED, after=timedelta(seconds=1), by_receipt=False)  # still on its way
    resent = attempt(2, fence=2)
    report(resent, Verdict.DELIVERED, after=timedelta(0))
    count_deliveries()
    expected = {
        ("sms", "delivered", "", 6): 1,  # 8 to 11.3 seconds
        ("kakaotalk", "failed", "3016", 0): 1,
        ("sms", "delivered", "", 0): 1,
    }
    assert counts() == expected
    assert count_deliveries() == 0
    assert counts() == expected
    assert not DeliveryChange.objects.exists()


def test_a_late_receipt_of_delivery_takes_the_failure_off_again() -> None:
    delivery = attempt(1)
    report(delivery, Verdict.UNDELIVERABLE, after=timedelta(minutes=5), code="30003")
    count_deliveries()
    assert counts() == {("sms", "failed", "30003", 0): 1}
    report(delivery, Verdict.DELIVERED, after=timedelta(days=40))
    count_deliveries()
    assert counts() == {("sms", "delivered", "", 42): 1}


def test_reports_of_many_are_one_change_for_each_kind_of_end() -> None:
    many = [attempt(number) for number in range(1, 6)]
    outcome = Outcome("", Verdict.DELIVERED)
    reported = [Reported(each.pk, outcome, channel="sms", by_receipt=True) for each in many]
    apply_outcomes(reported, now=MORNING + timedelta(hours=1))
    assert DeliveryChange.objects.get().change == 5
