"""Fault matrix 18: a consent is withdrawn at the moment in which the notice is claimed, or its person is merged."""

import time
from datetime import date

import pytest
from django.db import transaction

from notifications.delivery.claim import claim
from notifications.matching.match import match_everything
from notifications.models import Delivery, Notice, QueueEntry
from secretary.kernel.models import AuditEvent
from subscriptions.data_types.load import ensure_service_consent
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.enrolment.sign_up import sign_up
from subscriptions.enrolment.withdraw import withdraw
from subscriptions.identity.contract import Person
from subscriptions.models import Citizen, Consent, Subscription
from tests.notifications.cast import MORNING, ci_of, enrol, ingest, make_data_type, phone_of, record
from tests.support.at_once import at_once

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROUNDS = 5


@pytest.fixture
def alice() -> Citizen:
    return enrol(1, make_data_type(), channels=["sms"])


def withdraw_all() -> None:
    """As on the person's own page."""
    withdraw(citizen=Citizen.objects.earliest("created_at"), data_types=None, actor="citizen", now=MORNING)


def claim_now() -> None:
    claim(now=MORNING)


def test_a_withdrawal_races_a_claim(alice: Citizen) -> None:
    """Whichever was first: a claim that begins after the withdrawal starts nothing."""
    for number in range(ROUNDS):
        come_back()
        ingest(record(1, external_id=f"race-{number}"))
        match_everything(now=MORNING)
        at_once(withdraw_all, claim_now)
        begun = Delivery.objects.filter(notice__record__external_id=f"race-{number}").count()
        assert claim(now=MORNING).attempts == []
        state = Notice.objects.get(record__external_id=f"race-{number}").state
        assert (state, begun) in (("sending", 1), ("cancelled", 0))
    assert AuditEvent.objects.filter(action="consent.withdrawn").count() == ROUNDS


def come_back() -> None:
    """Restore consent and subscription, as for a person who has signed up again."""
    Consent.objects.update(withdrawn_at=None)
    Subscription.objects.update(ended_at=None)


def test_once_a_withdrawal_has_committed_nothing_is_begun(alice: Citizen) -> None:
    ingest(record(1))
    match_everything(now=MORNING)
    withdraw_all()
    assert claim(now=MORNING).attempts == []
    assert Notice.objects.values_list("state", "reason").get() == ("cancelled", "unsubscribed")


@pytest.mark.parametrize("who_withdraws", ["the row that stays", "the row that gives way"])
def test_a_withdrawal_races_a_merge_and_a_claim(alice: Citizen, who_withdraws: str) -> None:
    """Alice's row and the one of an office become one by her sign-up, while one of them is being withdrawn."""
    ensure_service_consent()
    for number in range(ROUNDS):
        office_row = enrol(100 + number, *live_data_types(["traffic_fine"]), channels=["sms"])
        office_row.keys.filter(kind="ci").delete()
        ingest(record(1, external_id=f"merge-{number}"))
        match_everything(now=MORNING)
        row = alice if who_withdraws == "the row that stays" else office_row
        at_once(lambda: merge_by_sign_up(100 + number), lambda: withdraw_row(row), claim_now)  # noqa: B023
        assert not office_row.keys.exists()
        assert not office_row.subscriptions.filter(ended_at=None).exists()
        assert alice.subscriptions.filter(ended_at=None).count() <= 1
        merged = AuditEvent.objects.filter(action="citizen.merged", citizen_id=office_row.pk)
        assert merged.count() == 1


def merge_by_sign_up(number: int) -> None:
    """Alice, known by her CI, has the number that the office wrote down."""
    sign_up(
        person=Person(ci=ci_of(1), name="홍길동", birth_date=date(1960, 1, 2), phone=phone_of(number)),
        channels=["sms"],
        data_types=["traffic_fine"],
        consents=texts_for(live_data_types(["traffic_fine"])),
        language="ko",
        now=MORNING,
    )


def withdraw_row(row: Citizen) -> None:
    withdraw(citizen=row, data_types=None, actor="citizen", now=MORNING)


def test_a_notice_that_is_closed_while_it_is_claimed_is_not_sent(alice: Citizen) -> None:
    """A payment closes it, say, and commits when the claim has already seen it ready."""
    for number in range(ROUNDS):
        ingest(record(1, external_id=f"closed-{number}"))
        match_everything(now=MORNING)
        at_once(close_ready_notices, claim_now)
        notice = Notice.objects.get(record__external_id=f"closed-{number}")
        begun = Delivery.objects.filter(notice=notice).count()
        assert (notice.state, begun) in (("sending", 1), ("cancelled", 0))
        assert not QueueEntry.objects.exists()


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
