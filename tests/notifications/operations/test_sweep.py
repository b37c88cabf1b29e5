"""Test that work of a killed worker or a silent gateway is found again, and never sent twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.claim import claim
from notifications.delivery.deliver import deliver_claim, deliver_due
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.delivery.poll_gateways import give_up_on_silence, poll_gateways
from notifications.matching.match import match_everything
from notifications.models import Alarm, Delivery, DeliveryBlock, Notice, Record
from notifications.models.delivery import BITS
from notifications.operations.resend import resend
from notifications.operations.sweep import find_waiting, recover_leases, settle_blocks
from subscriptions.models import Contact
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, make_feed, record, templates
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


@pytest.fixture
def fine(sandbox: SandboxProcess) -> Any:
    data_type = make_data_type()
    sandbox.register(*templates())
    return data_type


def time_passes() -> None:
    """End leases and make polls due: both go by the database's own clock."""
    Delivery.objects.update(started_at=F("started_at") - timedelta(minutes=2))
    Delivery.objects.update(answered_at=F("answered_at") - timedelta(minutes=6))
    Contact.objects.update(changed_at=Now() - timedelta(days=1))
    Delivery.objects.filter(ask_at__isnull=False).update(ask_at=Now() - timedelta(seconds=1))


def prepare(fine: Any, channel: str) -> None:
    enrol(1, fine, channels=[channel], toss_user_key="443000001")
    ingest(record(1))
    match_everything(now=MORNING)


def test_blocks_of_deliveries_are_remembered_as_long_as_one_is_to_be_looked_after(
    fine: Any, sandbox: SandboxProcess
) -> None:
    for person in range(1, 4):
        enrol(person, fine, channels=["sms"])
        ingest(record(person, external_id=f"R-{person}"))
    match_everything(now=MORNING)
    claim(now=MORNING)
    settle_blocks(now=MORNING)
    assert DeliveryBlock.objects.get().fresh  # not due before the lease ends
    first = Delivery.objects.order_by("id")[0]
    Delivery.objects.exclude(pk=first.pk).update(state="delivered", ask_at=None)
    Delivery.objects.filter(pk=first.pk).update(state="sent", ask_at=Now() + timedelta(days=1))
    DeliveryBlock.objects.update(due_at=Now())
    settle_blocks(now=MORNING)
    later = Delivery.objects.get(pk=first.pk).ask_at
    assert list(DeliveryBlock.objects.values_list("block", "due_at", "fresh")) == [(first.pk >> BITS, later, False)]
    Delivery.objects.filter(pk=first.pk).update(ask_at=Now() - timedelta(days=1))  # sooner: found at once
    assert find_waiting(now=MORNING).poll
    Delivery.objects.filter(pk=first.pk).update(state="delivered", ask_at=None)
    DeliveryBlock.objects.update(due_at=Now())
    settle_blocks(now=MORNING)
    assert not DeliveryBlock.objects.exists() and not find_waiting(now=MORNING).poll


@pytest.mark.parametrize("channel", ["kakaotalk", "naver", "sms"])
def test_killed_before_the_call_it_is_sent_once(fine: Any, sandbox: SandboxProcess, channel: Any) -> None:
    prepare(fine, channel)
    claim(now=MORNING)  # and the worker is gone
    time_passes()
    assert recover_leases(now=MORNING) == 1
    assert Notice.objects.get().state == "unknown"
    time_passes()
    poll_gateways(now=MORNING)
    assert Notice.objects.get().state == "ready"
    later = MORNING + timedelta(hours=1)
    assert deliver_due(now=lambda: later) == 1
    assert sandbox.messages()["total"] == 1


@pytest.mark.parametrize("channel", ["kakaotalk", "naver", "sms"])
def test_killed_after_the_gateway_took_it_it_is_looked_up_and_not_sent_again(
    fine: Any, sandbox: SandboxProcess, channel: Any
) -> None:
    prepare(fine, channel)
    gateway = {"kakaotalk": "nhn", "naver": "solapi", "sms": "twilio"}[channel]
    sandbox.fault(gateway, "lose_answer", count=1)
    deliver_claim(claimed=claim(now=MORNING), now=MORNING)
    assert Notice.objects.get().state == "unknown"
    time_passes()
    poll_gateways(now=MORNING)
    assert Notice.objects.get().state in ("sending", "delivered")
    assert deliver_due(now=lambda: MORNING + timedelta(hours=1)) == 0
    assert sandbox.messages()["total"] == 1


def test_where_a_gateway_cannot_be_polled_the_notice_waits_for_a_person(fine: Any, sandbox: SandboxProcess) -> None:
    prepare(fine, "toss")
    sandbox.fault("toss", "lose_answer", count=1)
    deliver_due(now=lambda: MORNING)
    time_passes()
    poll_gateways(now=MORNING)
    assert Notice.objects.get().state == "review"
    assert Alarm.objects.filter(kind="gateway_silent").exists()
    assert deliver_due(now=lambda: MORNING + timedelta(hours=1)) == 0
    assert sandbox.messages()["total"] == 1


def test_the_third_lost_worker_puts_the_notice_in_quarantine(fine: Any, sandbox: SandboxProcess) -> None:
    prepare(fine, "sms")
    for _ in range(3):
        claim(now=MORNING + timedelta(hours=2))
        time_passes()
        recover_leases(now=MORNING)
        time_passes()
        poll_gateways(now=MORNING)
        Notice.objects.filter(state="ready").update(not_before=MORNING)
    assert Notice.objects.get().state == "review"
    assert Alarm.objects.filter(kind="notice_crashes").exists()


def test_a_receipt_that_never_comes_is_polled_once_its_time_is_over(fine: Any, sandbox: SandboxProcess) -> None:
    sandbox.fault("nhn", "receipts_none")
    prepare(fine, "kakaotalk")
    deliver_due(now=lambda: MORNING)
    Delivery.objects.update(ask_at=Now() - timedelta(seconds=1))  # the lease ends, long before that
    assert recover_leases(now=MORNING) == 0
    assert poll_gateways(now=MORNING) == 0
    assert not Delivery.objects.filter(ask_at__lt=Now() + timedelta(minutes=4)).exists()
    time_passes()
    assert poll_gateways(now=MORNING) == 1
    assert Notice.objects.get().state in ("sending", "delivered")


def test_silence_for_days_ends_in_review(fine: Any, sandbox: SandboxProcess) -> None:
    sandbox.fault("nhn", "receipts_none")
    prepare(fine, "kakaotalk")
    deliver_due(now=lambda: MORNING)
    Delivery.objects.update(answered_at=Now() - timedelta(hours=81), ask_at=F("ask_at") - timedelta(hours=81))
    assert give_up_on_silence(now=MORNING) == 1
    assert Notice.objects.get().state == "review"


def test_the_sweeper_sees_what_is_waiting(fine: Any, sandbox: SandboxProcess) -> None:
    feed = make_feed("kdca-file")
    feed.kind = "file_drop"
    feed.save()
    enrol(1, fine, channels=["sms"])
    ingest(record(1))
    waiting = find_waiting(now=MORNING)
    assert (waiting.match, waiting.notices, waiting.feeds) == (True, False, (feed.pk,))
    match_everything(now=MORNING)
    waiting = find_waiting(now=MORNING)
    assert (waiting.match, waiting.notices, waiting.urgent, waiting.poll) == (False, True, False, False)


def test_never_seen_proves_nothing_once_the_record_has_changed(fine: Any, sandbox: SandboxProcess) -> None:
    """Twilio is searched by text: the corrected amount would not be found, and sending again would be twice."""
    enrol(1, fine, channels=["sms"])
    ingest(record(1, external_id="A"))
    match_everything(now=MORNING)
    sandbox.fault("twilio", "lose_answer", count=1)
    deliver_due(now=lambda: MORNING)
    ingest(record(1, external_id="A", version=2, fields={"amount": 70000}))
    time_passes()
    poll_gateways(now=MORNING)
    assert Notice.objects.get().state == "review"
    assert sandbox.messages()["total"] == 1


def test_a_record_that_kills_workers_takes_none_of_its_batch_with_it(fine: Any, sandbox: SandboxProcess) -> None:
    enrol(1, fine, channels=["sms"])
    ingest(*(record(1, external_id=f"R-{number}") for number in range(30)))
    match_everything(now=MORNING)
    later = MORNING + timedelta(hours=2)
    while (claimed := claim(now=later)).looked_at:
        if any(attempt.external_id == "R-7" for attempt in claimed.attempts):
            time_passes()  # the worker is dead
            recover_leases(now=MORNING)
            time_passes()
            poll_gateways(now=MORNING)
        else:
            deliver_claim(claimed=claimed, now=later)
    assert Notice.objects.get(state="review").record.external_id == "R-7"
    assert Notice.objects.filter(state__in=["sending", "delivered"]).count() == 29
    assert sandbox.messages()["total"] == 29


def lost_answers(sandbox: SandboxProcess, fine: Any, number: int) -> None:
    """Text messages of that many people; whether the gateway has them is unknown."""
    for person in range(1, number + 1):
        enrol(person, fine, channels=["sms"])
        ingest(record(person, external_id=f"R-{person}"))
    match_everything(now=MORNING)
    sandbox.fault("twilio", "lose_answer")
    deliver_due(now=lambda: MORNING)
    sandbox.clear_faults()
    assert set(Notice.objects.values_list("state", flat=True)) == {"unknown"}
    time_passes()


def test_a_record_that_cannot_be_read_keeps_no_other_delivery_from_being_polled(
    fine: Any, sandbox: SandboxProcess
) -> None:
    lost_answers(sandbox, fine, 2)
    Record.objects.filter(external_id="R-1").update(payload_encrypted=b"\x01\x05localnonsense")
    poll_gateways(now=MORNING)
    states = dict(Notice.objects.values_list("record__external_id", "state"))
    assert states["R-1"] == "review"
    assert states["R-2"] in ("sending", "delivered")


def test_who_took_their_number_back_cannot_be_polled_and_waits_for_a_person(fine: Any, sandbox: SandboxProcess) -> None:
    lost_answers(sandbox, fine, 1)
    Contact.objects.all().delete()
    poll_gateways(now=MORNING)
    assert Notice.objects.get().state == "review"


def test_a_gateway_that_never_answered_at_all_ends_in_review_too(fine: Any, sandbox: SandboxProcess) -> None:
    prepare(fine, "sms")
    claim(now=MORNING)  # and the worker is gone
    time_passes()
    recover_leases(now=MORNING)
    assert give_up_on_silence(now=MORNING) == 0
    Delivery.objects.update(started_at=Now() - timedelta(hours=81))
    assert give_up_on_silence(now=MORNING) == 1
    assert Notice.objects.get().state == "review"


@pytest.mark.django_db(transaction=True)
def test_the_sweeper_waits_for_no_worker_that_writes_an_outcome() -> None:
    """Outcomes lock the delivery and then its notice; waiting the other way round would be a deadlock."""
    fine = make_data_type()
    prepare(fine, "sms")
    claim(now=MORNING)
    time_passes()
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        Delivery.objects.select_for_update().get()
        assert other.submit(in_a_session_of_its_own, lambda: recover_leases(now=MORNING)).result(timeout=60) == 0
    assert recover_leases(now=MORNING) == 1


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_commits_late_is_found_though_its_block_was_forgotten_meanwhile() -> None:
    fine = make_data_type()
    for person in (1, 2):
        enrol(person, fine, channels=["sms"])
        ingest(record(person, external_id=f"R-{person}"))
    match_everything(now=MORNING)
    claim(now=MORNING, batch=1)
    Delivery.objects.update(state="delivered", ask_at=None)
    DeliveryBlock.objects.update(due_at=Now())
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        late = claim(now=MORNING).attempts[0].delivery_id
        other.submit(in_a_session_of_its_own, lambda: settle_blocks(now=MORNING)).result(timeout=60)
    assert list(DeliveryBlock.objects.values_list("block", "fresh")) == [(late >> BITS, True)]


def in_a_session_of_its_own(work: Callable[[], Any]) -> Any:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        return work()
    finally:
        connection.close()


def test_late_news_of_an_attempt_before_the_review_leaves_the_new_attempt_alone(
    fine: Any, sandbox: SandboxProcess
) -> None:
    """The fence: only the newest attempt moves the notice."""
    prepare(fine, "sms")
    sandbox.fault("twilio", "lose_answer", count=1)
    deliver_due(now=lambda: MORNING)
    first = Delivery.objects.get()
    Notice.objects.update(state="review")
    resend(notice_id=first.notice_id, actor="staff:1", reason="the person called", now=MORNING)
    deliver_due(now=lambda: MORNING)
    apply_outcomes([Reported(first.pk, Outcome("", Verdict.UNDELIVERABLE, "30003"))], now=MORNING)
    assert Notice.objects.get().state == "sending"
    assert Delivery.objects.latest("pk").state == "sent"
    assert deliver_due(now=lambda: MORNING + timedelta(hours=1)) == 0
