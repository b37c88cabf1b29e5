"""Test a correction that overtakes a claim: people notified of the old amount are notified of the new one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from notifications.delivery.claim import claim
from notifications.matching.match import match_batches, match_everything
from notifications.models import FeedRun, Notice
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("news", [{"fields": {"amount": 70000}}, {"state": "paid"}], ids=["changed", "paid"])
@pytest.mark.parametrize("at_once", [False, True], ids=["by a worker", "by its push"])
def test_a_match_waits_for_the_claims_that_have_begun_and_notifies_their_people(
    news: dict[str, Any], at_once: bool
) -> None:
    enrol(1, make_data_type(), channels=["sms"])
    ingest(record(1, external_id="A"))
    match_everything(now=MORNING)
    claimed, may_commit = threading.Event(), threading.Event()

    def claim_slowly() -> None:
        with transaction.atomic():
            claim(now=MORNING)
            claimed.set()
            may_commit.wait(60)
        connection.close()

    def match() -> None:
        run = FeedRun.objects.latest("pk").pk if at_once else None
        match_batches(now=MORNING + timedelta(minutes=1), run_id=run)
        connection.close()

    with ThreadPoolExecutor(2) as others:
        slow = others.submit(claim_slowly)
        assert claimed.wait(60)
        ingest(record(1, external_id="A", version=2, **news))
        matching = others.submit(match)
        matched_too_early = threading.Event()
        matching.add_done_callback(lambda _: matched_too_early.set())
        assert not matched_too_early.wait(0.5)
        may_commit.set()
        slow.result(60)
        matching.result(60)
    assert Notice.objects.count() == 2
