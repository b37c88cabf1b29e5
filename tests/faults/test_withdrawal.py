"""Fault matrix 18: a consent is withdrawn at the very moment in which the notice is claimed."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from notifications.claim import claim
from notifications.match import match_everything
from notifications.models import Delivery, Due, Notice
from subscriptions.models import Citizen, Consent
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROUNDS = 5


@pytest.fixture
def alice() -> Citizen:
    return enrol(1, make_data_type(), channels=["sms"])


def at_once(*jobs: Callable[[], None]) -> None:
    """Each in a thread with a connection of its own, started together."""
    barrier = threading.Barrier(len(jobs))
    errors: list[BaseException] = []

    def run(job: Callable[[], None]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(10)
            job()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert errors == []


def withdraw() -> None:
    with transaction.atomic():
        Consent.objects.update(withdrawn_at=MORNING)


def claim_now() -> None:
    claim(now=MORNING)


def test_a_withdrawal_races_a_claim(alice: Citizen) -> None:
    """Whichever was first: a claim that begins after the withdrawal starts nothing."""
    for number in range(ROUNDS):
        Consent.objects.update(withdrawn_at=None)
        ingest(record(1, external_id=f"race-{number}"))
        match_everything(now=MORNING)
        at_once(withdraw, claim_now)
        begun = Delivery.objects.filter(notice__record__external_id=f"race-{number}").count()
        assert claim(now=MORNING).attempts == []
        state = Notice.objects.get(record__external_id=f"race-{number}").state
        assert (state, begun) in (("sending", 1), ("cancelled", 0))


def test_once_a_withdrawal_has_committed_nothing_is_begun(alice: Citizen) -> None:
    ingest(record(1))
    match_everything(now=MORNING)
    with transaction.atomic():
        Consent.objects.update(withdrawn_at=MORNING)
    assert claim(now=MORNING).attempts == []
    assert Notice.objects.get().reason == "consent_withdrawn"


def test_a_notice_that_is_closed_while_it_is_claimed_is_not_sent(alice: Citizen) -> None:
    """A payment closes it, say, and commits when the claim has already seen it ready."""
    for number in range(ROUNDS):
        ingest(record(1, external_id=f"closed-{number}"))
        match_everything(now=MORNING)
        at_once(close_ready_notices, claim_now)
        notice = Notice.objects.get(record__external_id=f"closed-{number}")
        begun = Delivery.objects.filter(notice=notice).count()
        assert (notice.state, begun) in (("sending", 1), ("cancelled", 0))
        assert not Due.objects.exists()


def close_ready_notices() -> None:
    with transaction.atomic():
        Notice.objects.filter(state="ready").update(state="cancelled", finished_at=MORNING)
        time.sleep(0.05)


def test_two_workers_claim_at_the_same_moment(alice: Citizen) -> None:
    ingest(*(record(1) for _ in range(40)))
    match_everything(now=MORNING)
    taken: list[int] = []

    def work() -> None:
        while attempts := claim(now=MORNING, batch=7).attempts:
            taken.extend(attempt.notice_id for attempt in attempts)

    at_once(work, work, work)
    assert len(taken) == len(set(taken)) == 40
