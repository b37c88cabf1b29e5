"""Test that alarms are counted and never lost, and that no transaction waits for another one's alarm."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from notifications.alarms import raise_alarm
from notifications.models import Alarm
from tests.notifications.cast import MORNING

pytestmark = pytest.mark.django_db(transaction=True)


def alarm(kind: str) -> None:
    raise_alarm(kind=kind, subject="knpa/traffic_fine", message="a difference", now=MORNING)


def times() -> dict[str, int]:
    return dict(Alarm.objects.values_list("kind", "times"))


def test_an_alarm_that_is_raised_again_is_counted() -> None:
    for _ in range(3):
        alarm("tariff_differs")
    with transaction.atomic():
        alarm("tariff_differs")
        alarm("tariff_differs")
    assert times() == {"tariff_differs": 5}


def test_an_alarm_that_was_cleared_is_raised_anew() -> None:
    alarm("tariff_differs")
    Alarm.objects.update(cleared_at=MORNING)
    alarm("tariff_differs")
    assert Alarm.objects.count() == 2


def test_two_transactions_that_raise_two_alarms_in_opposite_order_both_end() -> None:
    """As `_put_down` does beside another with a differing tariff: each waited for what the other one held."""
    meet = threading.Barrier(2)

    def both(first: str, second: str) -> None:
        try:
            with transaction.atomic():
                alarm(first)
                meet.wait(60)
                alarm(second)
        finally:
            connection.close()

    for name in ("a", "b"):
        alarm(name)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(both, "a", "b"), pool.submit(both, "b", "a")]:
            done.result(30)
    assert times() == {"a": 3, "b": 3}


def test_an_alarm_beside_one_that_is_rolled_back_is_not_lost() -> None:
    raised, rolled_back = threading.Event(), threading.Event()

    def beside() -> None:
        try:
            with transaction.atomic():
                alarm("new")  # waits for no lock
                raised.set()
                rolled_back.wait(60)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            alarm("new")
            done = pool.submit(beside)
            assert raised.wait(60)
            raise ZeroDivisionError
        rolled_back.set()
        done.result(30)
    assert times() == {"new": 1}
