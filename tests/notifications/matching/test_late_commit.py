"""Test that what commits late is matched: numbers given out earlier become visible later."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from notifications.matching.match import match_due, match_everything, match_record
from notifications.models import IngestBatch, Notice, Record
from subscriptions.models import Subscription
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, make_feed, record, subscribe

pytestmark = pytest.mark.django_db(transaction=True)


def while_uncommitted(slow: Callable[[], object], quick: Callable[[], None]) -> None:
    """`quick` begins and commits between the writing and the commit of `slow`."""
    written, may_commit = threading.Event(), threading.Event()

    def slowly() -> None:
        try:
            with transaction.atomic():
                slow()
                written.set()
                assert may_commit.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        late = other.submit(slowly)
        try:
            while not written.wait(0.05):
                assert not late.done(), late.exception()
            quick()
        finally:
            may_commit.set()
        late.result(30)


def test_a_batch_that_commits_after_a_later_one_was_matched_makes_its_notices() -> None:
    fine = make_data_type()
    make_feed()
    for person in (1, 2):
        enrol(person, fine, channels=["sms"])

    def quick() -> None:
        ingest(record(2))
        match_everything(now=MORNING)
        assert Notice.objects.count() == 1

    while_uncommitted(lambda: ingest(record(1)), quick)
    late, early = IngestBatch.objects.order_by("pk")
    assert (late.matched_at, early.matched_at) == (None, MORNING), "the batch that commits late has the lower number"
    match_everything(now=MORNING)
    assert Notice.objects.count() == 2


def test_a_subscription_that_commits_after_a_later_one_was_matched_makes_its_notices() -> None:
    fine = make_data_type()
    alice, bob = (enrol(person, fine, channels=["sms"]) for person in (1, 2))
    Subscription.objects.all().delete()
    ingest(record(1), record(2))
    match_everything(now=MORNING)
    assert not Notice.objects.exists()

    def quick() -> None:
        subscribe(bob, fine, matched=False)
        match_everything(now=MORNING)
        assert Notice.objects.count() == 1

    while_uncommitted(lambda: subscribe(alice, fine, matched=False), quick)
    match_everything(now=MORNING)
    assert Notice.objects.count() == 2


def test_reminders_that_another_matching_makes_at_the_same_time_are_left_out_and_the_others_made() -> None:
    fine, day = make_data_type(), MORNING.replace(day=30)
    make_feed()
    for person in (1, 2):
        enrol(person, fine, channels=["sms"])
    ingest(record(1), record(2))
    match_everything(now=MORNING)
    first = Record.objects.order_by("pk")[0]

    def scan() -> int:
        try:
            return match_due(now=day)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            match_record(record_id=first.pk, now=day)
            scanning = other.submit(scan)
            while not _one_waits():
                assert not scanning.done(), "it did not meet the reminder that is being made"
        assert scanning.result(30) == 1
    reminders = Notice.objects.filter(cause__startswith="due_soon")
    assert sorted(reminders.values_list("record_id", flat=True)) == sorted(Record.objects.values_list("pk", flat=True))


def _one_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        (waits,) = cursor.fetchone()
    return bool(waits)
