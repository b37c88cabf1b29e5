"""Bundled messages: one for each person, channel and day; what is reported of it counts for every notice in it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from notifications.admin.timeline import timeline
from notifications.channels.contract import Verdict
from notifications.delivery.bundle import bundle
from notifications.delivery.check_codes import check_code
from notifications.delivery.claim import claim_bundles
from notifications.delivery.compose import approved
from notifications.delivery.deliver import deliver_bundles
from notifications.delivery.poll_gateways import poll_gateways
from notifications.models import Bundle, BundleEntry, Delivery, Notice, Record
from notifications.operations.sweep import recover_leases
from notifications.own_data.sent_texts import bundled_text, sent_texts
from secretary.kernel.time.clock import kst_date
from subscriptions.message_templates.site import site_in_words
from subscriptions.models import Consent, Contact, DataType
from tests.notifications.calm_cast import AT, calm, go, receipt, states, wait_together
from tests.notifications.calm_cast import fine as fine
from tests.notifications.cast import MORNING, enrol, ingest, record
from tests.sandbox.receiver import wait_until
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
GATEWAYS = {"kakaotalk": "nhn", "naver": "solapi", "sms": "twilio", "toss": "toss"}
SOON = AT + timedelta(hours=2)  # after every back-off


def time_passes() -> None:
    """End leases and make polls due: both go by the database's own clock."""
    Delivery.objects.update(started_at=F("started_at") - timedelta(minutes=2))
    Delivery.objects.update(answered_at=F("answered_at") - timedelta(minutes=6))
    Contact.objects.update(changed_at=Now() - timedelta(days=1))
    Delivery.objects.filter(ask_at__isnull=False).update(ask_at=Now() - timedelta(seconds=1))


def test_what_waits_is_one_message_on_the_first_channel(fine: DataType, sandbox: SandboxProcess) -> None:
    wait_together(fine)
    calm(enrol(2, fine, channels=["kakaotalk"]))
    ingest(record(2))
    assert go(AT - timedelta(minutes=1)) == 0
    assert go(AT) == 4
    alone, together = sorted((row["text"] for row in sandbox.rows()), key=lambda text: "모아" in text)
    carrier = Delivery.objects.get(pk=F("carrier"))
    assert together == (
        "홍길동님, 모아 둔 알림 3건을 한 번에 알려 드립니다.\n\n- (1/3) D-23(4. 2.) 국민비서 안내\n"
        "- (2/3) D-23(4. 2.) 국민비서 안내\n- (3/3) D-23(4. 2.) 국민비서 안내\n\n"
        "금액과 기한, 하실 일은 국민비서 누리집의 알림함에서 확인해 주세요.\n\n문의: 국민비서 110\n"
        f"확인코드 {check_code(carrier.notice_id)} (국민비서 누리집 {site_in_words('ko')}에서 확인)"
    )
    assert "신호위반" in alone  # the only one of its person is an ordinary message
    assert set(states()) == {("sending", "")}
    theirs = Delivery.objects.filter(carrier__isnull=False)
    assert set(theirs.values_list("carrier", "state", "channel")) == {(carrier.pk, "sent", "kakaotalk")}
    assert (theirs.count(), BundleEntry.objects.count()) == (3, 0)
    assert go(AT + timedelta(days=1)) == 0
    assert len(sandbox.rows()) == 2


def test_pages_and_the_phone_show_the_message_as_it_was_sent(fine: DataType, sandbox: SandboxProcess) -> None:
    wait_together(fine)
    go(AT)
    [row] = sandbox.rows()
    notices = list(Notice.objects.order_by("pk"))
    shown = [bundled_text(each) for each in sent_texts([notice.pk for notice in notices])]
    assert [filled.text if filled else "" for filled in shown] == [row["text"]] * 3
    carrier = Delivery.objects.get(pk=F("carrier"))
    places = [moment.detail for each in notices for moment in timeline(each)]
    assert len([place for place in places if f"묶음 알림 {carrier.pk}에 담아" in place]) == 3
    wait_until(lambda: [each["text"] for each in sandbox.request("GET", "/phone/api/1")["messages"]] == [row["text"]])
    ingest(record(1, external_id="F-0", version=2), now=AT)
    assert bundled_text(sent_texts([notices[0].pk])[0]) is None  # what it says of a changed record is not known


def test_one_receipt_moves_every_notice_and_a_repeated_one_none(fine: DataType, sandbox: SandboxProcess) -> None:
    wait_together(fine)
    go(AT)
    receipt(Verdict.DELIVERED)
    finished = list(Notice.objects.values_list("state", "finished_at"))
    assert finished == [("delivered", AT)] * 3
    assert set(Delivery.objects.values_list("state", "code")) == {("delivered", "x")}
    receipt(Verdict.DELIVERED)
    receipt(Verdict.UNDELIVERABLE, "e2")
    assert list(Notice.objects.values_list("state", "finished_at")) == finished


def test_after_a_definite_failure_the_next_channel_carries_all_of_them(fine: DataType, sandbox: SandboxProcess) -> None:
    wait_together(fine)
    go(AT)
    receipt(Verdict.UNDELIVERABLE)
    assert states() == [("ready", "kakaotalk:x")] * 3
    assert go(AT) == 3
    texts = [row["text"] for row in sandbox.rows(gateway="twilio")]
    assert len(texts) == 1
    assert texts[0].startswith(
        "국민비서 묶음 알림\n[국민비서] 홍길동님, 모아 둔 알림 3건을 한 번에 알려 드립니다.\n"
        "- (1/3) D-23(4. 2.) 교통과태료: issued\n"
    )
    receipt(Verdict.DELIVERED, "late", "twilio")
    assert states() == [("delivered", "")] * 3
    assert sandbox.messages()["total"] == 2


def test_a_first_message_that_arrives_after_all_ends_what_waits_for_the_next(fine: DataType) -> None:
    wait_together(fine)
    go(AT)
    receipt(Verdict.UNDELIVERABLE)
    receipt(Verdict.DELIVERED, "e2")
    assert states() == [("cancelled", "already_delivered")] * 3
    assert BundleEntry.objects.count() == 0


@pytest.mark.parametrize("channel", ["kakaotalk", "naver", "sms"])
def test_a_lost_answer_is_unknown_for_all_until_the_gateway_has_been_polled(
    fine: DataType, sandbox: SandboxProcess, channel: str
) -> None:
    wait_together(fine, channel)
    sandbox.fault(GATEWAYS[channel], "lose_answer", count=1)
    go(AT)
    assert {state for state, _ in states()} == {"unknown"}
    time_passes()
    poll_gateways(now=AT)
    assert {state for state, _ in states()} <= {"sending", "delivered"}
    assert go(SOON) == 0
    assert sandbox.messages()["total"] == 1


def test_where_the_gateway_cannot_be_polled_all_of_them_wait_for_a_person(
    fine: DataType, sandbox: SandboxProcess
) -> None:
    wait_together(fine, "toss")
    sandbox.fault("toss", "lose_answer", count=1)
    go(AT)
    time_passes()
    poll_gateways(now=AT)
    assert states() == [("review", "gateway_silent")] * 3
    assert go(SOON) == 0
    assert sandbox.messages()["total"] == 1


def killed(*, marked: bool) -> None:
    """A worker is killed behind its claim, or when it has marked the bundle; then the sweeper comes, and the poll."""
    claimed = claim_bundles(now=SOON)
    assert claimed.attempts
    if marked:
        contents = approved(attempt.template_id for attempt in claimed.attempts)
        [(_, message)] = bundle(claimed.attempts, contents=contents, day=kst_date(SOON)).messages
        assert "3건" in message.text
    time_passes()
    recover_leases(now=SOON)
    assert states() == [("unknown", "lease_expired")] * 3
    assert Delivery.objects.filter(ask_at__isnull=False).count() == (1 if marked else 3)
    time_passes()
    poll_gateways(now=SOON)
    assert {state for state, _ in states()} == {"ready"}
    Notice.objects.update(not_before=AT)


@pytest.mark.parametrize("marked", [False, True])
def test_killed_before_the_call_it_is_sent_once_and_after_two_kills_each_by_itself(
    fine: DataType, sandbox: SandboxProcess, marked: bool
) -> None:
    wait_together(fine)
    killed(marked=marked)
    assert (go(SOON), sandbox.messages()["total"]) == (3, 1)
    Delivery.objects.filter(ask_at__isnull=False).update(ask_at=None)
    Notice.objects.all().delete()
    ingest(*(record(1, external_id=f"G-{nth}") for nth in range(3)))
    go()
    killed(marked=marked)
    killed(marked=marked)
    assert BundleEntry.objects.count() == 0
    assert go(SOON) == 3
    assert sandbox.messages()["total"] == 4


def test_what_is_not_true_any_more_drops_out_of_the_bundle(fine: DataType, sandbox: SandboxProcess) -> None:
    wait_together(fine, "sms")
    Record.objects.filter(external_id="F-0").update(state="paid")
    assert go(AT) == 2
    assert states() == [("cancelled", "settled"), ("sending", ""), ("sending", "")]
    assert "모아 둔 알림 2건" in sandbox.rows()[0]["text"]


def test_the_last_one_left_is_an_ordinary_message_and_of_none_there_is_none(
    fine: DataType, sandbox: SandboxProcess
) -> None:
    wait_together(fine, "sms", notices=2)
    ingest(record(1, external_id="F-0", version=2, state="paid"), now=MORNING + timedelta(minutes=1))
    assert go(AT) == 1
    assert sandbox.rows()[0]["text"].endswith("(issued)")
    assert not Bundle.objects.exists()
    ingest(record(1), record(1), now=AT)
    go(AT)
    Consent.objects.update(withdrawn_at=AT)
    assert go(AT + timedelta(days=1)) == 0
    assert BundleEntry.objects.count() == 0
    assert sandbox.messages()["total"] == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_person_one_message(fine: DataType, sandbox: SandboxProcess) -> None:
    for number in range(1, 7):
        calm(enrol(number, fine, channels=["kakaotalk"]))
    ingest(*(record(number) for number in range(1, 7) for _ in range(3)))
    assert go() == 0
    barrier = threading.Barrier(2)

    def work() -> int:
        try:
            barrier.wait(60)
            return deliver_bundles(now=lambda: AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(work) for _ in range(2)]
        sent = sum(future.result() for future in futures)
    assert sent + deliver_bundles(now=lambda: AT) == 18
    assert sandbox.messages()["total"] == 6
