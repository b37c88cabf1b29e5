"""People send themselves a test message: one for each press, by the first channel; the page says what came of it."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine as travelling
from django.db import connection
from django.db.models.functions import Now

from notifications.channels.contract import Outcome, Receipt, Verdict
from notifications.delivery.check_codes import check_code
from notifications.delivery.gateways import trial_reference
from notifications.models import Alarm, ChannelState, Notice, TemplateStop, TrialMessage
from notifications.receipts.receipts import apply_receipts, take_receipts
from notifications.trials.send_trials import work_on_trials
from notifications.trials.trial_outcomes import note_outcome
from secretary.kernel.korean.korean import Language, euc_kr_bytes
from secretary.kernel.models import AuditEvent
from subscriptions.data_types.load import ensure_service_consent
from subscriptions.enrolment.my_choices import change_channels
from subscriptions.enrolment.withdraw import withdraw
from subscriptions.message_templates.site import site_in_words
from subscriptions.models import Attempt, Citizen, Consent, Contact, MessageTemplate
from subscriptions.models.channel_choice import CHANNELS
from subscriptions.models.data_type import TRIAL
from tests.citizens.inbox.conftest import Reader, clock_of
from tests.citizens.inbox.conftest import far as far
from tests.citizens.inbox.conftest import fresh as fresh
from tests.citizens.inbox.conftest import provider as provider
from tests.citizens.inbox.conftest import reader as reader
from tests.citizens.inbox.conftest import sandbox as sandbox
from tests.citizens.inbox.conftest import sandbox_process as sandbox_process
from tests.notifications.calm_cast import load_bundle
from tests.notifications.cast import MORNING, templates
from tests.notifications.same_thread import SameThreadWriter
from tests.support.together import in_one_test

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
PAGE = "/settings/test-message/"
NOTHING = "하실 일은 없습니다"
PERSON = Verdict.UNDELIVERABLE


@pytest.fixture
def alice(reader: Reader) -> Reader:
    load_bundle(TRIAL)
    text = ensure_service_consent()
    Consent.objects.create(citizen=reader.alice, text=text, language="ko", method="web", given_at=MORNING)
    reader.sandbox.register(*templates())
    return reader


def press(alice: Reader, *, after: int | None = None) -> str:
    """Press the button of the page as it stands, or of one that was opened before; return the page that follows."""
    if after is None:
        found = re.search(r'name="after" value="(\d+)"', alice.get(PAGE))
        after = int(found[1]) if found else -1
    answer = alice.client.post(PAGE, {"after": after})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    return alice.get(PAGE)


def go(now: datetime = MORNING) -> int:
    with connection.cursor() as cursor, travelling.travel(clock_of(cursor)):  # gateways compare signatures with theirs
        return work_on_trials(now=lambda: now)


def newest() -> TrialMessage:
    return TrialMessage.objects.latest("pk")


def chosen(alice: Reader, *channels: str) -> None:
    change_channels(citizen=alice.alice, channels=channels, now=MORNING)


def receipt(verdict: Verdict, *, gateway: str = "nhn", event: str = "e1", vendor_id: str = "") -> None:
    trial = newest()
    news = Receipt(event, trial_reference(trial.pk), vendor_id or trial.vendor_id, verdict, "x")
    take_receipts(gateway=gateway, receipts=[news], now=MORNING)
    apply_receipts(now=MORNING)


def test_one_press_sends_one_message_by_the_first_channel_and_the_page_follows_it(alice: Reader) -> None:
    page = press(alice)
    assert "보내고 있습니다" in page and "시험 메시지 받기" not in page
    assert alice.client.get(PAGE).headers["Refresh"] == f"3; url={PAGE}?look=1"
    assert "보내고 있습니다" in press(alice, after=0)  # pressed twice
    assert go() == 1 and go() == 0
    trial = newest()
    [row] = alice.sandbox.rows()
    assert (row["gateway"], row["person"], row["text"].count(NOTHING)) == ("nhn", "01000000001", 1)
    assert "시험 메시지" in row["text"] and check_code(trial.number) in row["text"] and "http" not in row["text"]
    page = alice.get(PAGE)
    assert "도착했는지는 아직 확인되지 않았습니다" in page and check_code(trial.number) in page
    assert 'class="secondary">한 번 더 받기' in page and 'class="button primary"' in page  # to look again comes first
    receipt(Verdict.DELIVERED)
    page = alice.get(PAGE)
    assert "도착했습니다" in page and "Refresh" not in alice.client.get(PAGE).headers
    assert "도착했습니다" in press(alice, after=0)  # on a page that was left open
    assert go() == 0 and len(alice.sandbox.rows()) == TrialMessage.objects.count() == 1
    assert not Notice.objects.exists() and "시험 메시지" not in alice.get("/inbox/")
    line = AuditEvent.objects.get(action="test_message.asked")
    assert (line.actor, line.citizen_id, line.object) == (
        "citizen",
        alice.alice.pk,
        f"test_message:{trial.pk} kakaotalk",
    )


def test_its_code_is_confirmed_as_that_of_a_test_message(alice: Reader) -> None:
    press(alice)
    waiting = check_code(newest().number)
    assert "알림을 보낸 적이 없습니다" in alice.client.post("/verify/", {"code": waiting}, follow=True).content.decode()
    go()
    Contact.objects.update(changed_at=MORNING)
    page = alice.client.post("/verify/", {"code": waiting}, follow=True).content.decode()
    for words in ("시험 메시지", "카카오톡", "010-****-0001"):
        assert words in page, words


@in_one_test("channel, language", [(way, spoken) for way in CHANNELS for spoken in ("ko", "en")])
def test_each_channel_and_language_says_that_it_is_a_test_and_names_the_site(
    alice: Reader, channel: str, language: Language
) -> None:
    alice.sandbox.request("DELETE", "/control/messages")
    TrialMessage.objects.all().delete()
    Attempt.objects.all().delete()
    contact = Contact.objects.filter(kind=Contact.TOSS_USER_KEY).first()
    contact = contact or Contact(citizen=alice.alice, kind=Contact.TOSS_USER_KEY)
    contact.value = "443000001"
    contact.save()
    Citizen.objects.update(language=language)
    chosen(alice, channel)
    press(alice, after=0)
    go()
    [row] = alice.sandbox.rows()
    each = {"ko": ("시험 메시지", NOTHING), "en": ("test message", "thing to do")}[language]
    assert all(words in row["text"] for words in (*each, site_in_words(language))), row["text"]
    assert check_code(newest().number) in row["text"]
    assert channel != "sms" or euc_kr_bytes(row["text"]) <= 2000
    assert newest().state in ("sent", "delivered"), newest().code


def test_only_so_many_a_day(alice: Reader, settings: Any) -> None:
    settings.ATTEMPT_LIMITS = settings.ATTEMPT_LIMITS | {"trial_person": (2, 86400)}
    for _ in range(2):
        press(alice)
        go()
    page = press(alice)
    assert "하루에 받으실 수 있는 시험 메시지를 모두 받으셨습니다" in page and "오전 9:00" in page
    assert len(alice.sandbox.rows()) == TrialMessage.objects.count() == 2


def test_what_cannot_go_out_is_answered_in_words(alice: Reader) -> None:
    template = MessageTemplate.objects.get(stage__code=TRIAL, channel="kakaotalk", language="ko")
    ours = "지금은 이 방법(카카오톡)으로 시험 메시지를 보낼 수 없습니다"

    def refused(words: str) -> None:
        assert words in alice.get(PAGE) and words in press(alice, after=0)
        assert not TrialMessage.objects.exists()

    MessageTemplate.objects.filter(pk=template.pk).update(vendor_template="")
    refused(ours)
    MessageTemplate.objects.filter(pk=template.pk).update(vendor_template=template.vendor_template)
    stop = TemplateStop.objects.create(template=template, code="x", stopped_at=MORNING)
    refused(ours)
    stop.delete()
    ChannelState.objects.create(channel="kakaotalk", paused_until=MORNING + timedelta(hours=1), reason="x")
    refused(ours)
    chosen(alice, "toss", "sms")
    refused("지금은 이 방법(토스)으로 알려 드릴 수 없습니다")
    withdraw(citizen=alice.alice, data_types=None, actor="citizen", now=MORNING)
    refused("동의를 철회하셨으므로 시험 메시지도 보내 드리지 않습니다")


def test_a_lost_answer_is_asked_about_and_never_sent_again(alice: Reader) -> None:
    alice.sandbox.fault("nhn", "lose_answer", count=1)
    press(alice)
    go()
    page = press(alice)
    assert "보내졌는지 확인하고 있습니다" in page and "한 번 더 받기" not in page
    assert "한 번 더 보내지 않았습니다" in press(alice, after=newest().pk)
    TrialMessage.objects.update(started_at=Now())  # the gateway's clock is that of the machine
    go(MORNING + timedelta(minutes=2))
    assert newest().state in ("sent", "delivered") and newest().polls == 1
    assert len(alice.sandbox.rows()) == TrialMessage.objects.count() == 1


def test_a_worker_that_was_lost_leaves_no_second_message(alice: Reader) -> None:
    press(alice)
    TrialMessage.objects.update(state="sending", started_at=MORNING, look_at=MORNING + timedelta(minutes=1))
    assert go() == 0
    go(MORNING + timedelta(minutes=1))
    assert (newest().state, newest().code, alice.sandbox.rows()) == ("unknown", "lease-over", [])
    go(MORNING + timedelta(minutes=3))
    assert alice.sandbox.rows() == []


def test_what_changed_before_it_left_stops_it(alice: Reader) -> None:
    press(alice)
    chosen(alice, "sms")
    go()
    assert (newest().state, newest().code) == ("returned", "changed")
    assert "보내기 전에 받는 방법이 바뀌었습니다" in alice.get(PAGE)
    press(alice)
    go(MORNING + timedelta(minutes=11))
    assert (newest().state, newest().code, newest().look_at) == ("returned", "too_late", None)
    assert "10분 안에 보내지 못해" in alice.get(PAGE)
    assert alice.sandbox.rows() == []


@in_one_test(
    "channel, verdict, code, words",
    [
        ("kakaotalk", PERSON, "3020", "국민비서가 차단되어 있습니다"),
        ("kakaotalk", PERSON, "3019", "이 방법(카카오톡)의 메시지를 받으실 수 없습니다"),
        ("sms", PERSON, "21211", "쓰이지 않는 번호입니다"),
        ("sms", PERSON, "30003", "휴대전화가 꺼져 있거나"),
        ("kakaotalk", PERSON, "-1028", "저희 쪽이나 메시지를 전하는 업체의 사정"),
        ("kakaotalk", Verdict.RETRY_LATER, "-1", "업체가 받지 않아 보내지 못했습니다"),
        ("kakaotalk", Verdict.TEMPLATE_REJECTED, "3016", "저희 쪽이나 메시지를 전하는 업체의 사정"),
    ],
)
def test_each_failure_says_what_to_do(alice: Reader, channel: str, verdict: Verdict, code: str, words: str) -> None:
    template = MessageTemplate.objects.get(stage__code=TRIAL, channel=channel, language="ko")
    trial = TrialMessage(citizen=alice.alice, channel=channel, template=template, state="sending")
    trial.asked_at = trial.started_at = MORNING
    trial.save()
    note_outcome(trial_id=trial.pk, outcome=Outcome("", verdict, code), now=MORNING)
    assert words in alice.get(PAGE)
    stopped = TemplateStop.objects.filter(template=template).exists()
    assert stopped == Alarm.objects.filter(kind="wording_refused").exists() == (verdict is Verdict.TEMPLATE_REJECTED)


def test_receipts_move_only_the_message_that_they_are_about(alice: Reader) -> None:
    press(alice)
    go()
    receipt(Verdict.UNDELIVERABLE, gateway="twilio")
    receipt(Verdict.UNDELIVERABLE, vendor_id="another/1")
    assert newest().state == "sent"
    receipt(Verdict.DELIVERED)
    receipt(Verdict.UNDELIVERABLE, event="e2")
    assert newest().state == "delivered"


def test_the_gateways_own_report_arrives(alice: Reader) -> None:
    """As the webhook has it, to the name of its field."""
    press(alice)
    go()
    trial = newest()
    request, sequence = trial.vendor_id.split("/")
    hook = {
        "hookId": "hook-1",
        "requestId": request,
        "recipientSeq": int(sequence),
        "messageStatus": "COMPLETED",
        "recipientNo": "01000000001",
        "recipientGroupingKey": trial_reference(trial.pk),
        "resultCode": "1000",
        "receiveDate": "2026-03-10 10:05:02",
    }
    body = {"appKey": alice.sandbox.environment["NHN_APP_KEY"], "event": "MESSAGE_RESULT_UPDATE", "hooks": [hook]}
    secret = {"X-Toast-Webhook-Signature": alice.sandbox.environment["NHN_WEBHOOK_SECRET"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("notifications.receipts.receive.receipt_writer", SameThreadWriter)
        answer = alice.client.post("/webhooks/nhn/", json.dumps(body), "application/json", headers=secret)
    assert (answer.status_code, newest().state) == (200, "delivered")


def test_it_is_offered_on_the_last_page_of_the_sign_up_and_near_the_channels(alice: Reader) -> None:
    session = alice.client.session
    session["receipt"] = "AB12-CD34"
    session.save()
    page = alice.get("/sign-up/done/")
    assert f'action="{PAGE}"' in page and "시험 메시지 받기(카카오톡)" in page
    assert f'href="{PAGE}"' in alice.get("/settings/")
    withdraw(citizen=alice.alice, data_types=None, actor="citizen", now=MORNING)
    assert PAGE not in alice.get("/sign-up/done/")
