"""Test that what commits late is matched: numbers given out earlier become visible later."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from notifications.matching.match import match_everything
from notifications.models import IngestBatch, Notice
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
