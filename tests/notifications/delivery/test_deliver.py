"""Test claim, send and fall-back against a real sandbox over real HTTP."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.check_codes import check_code
from notifications.delivery.claim import claim
from notifications.delivery.deliver import deliver_claim, deliver_due
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.matching.match import match_everything
from notifications.models import Alarm, Delivery, Notice, TemplateStop
from secretary.kernel.time.clock import KST
from subscriptions.models import Consent, MessageTemplate, Subscription
from tests.notifications.cast import MORNING, NIGHT, enrol, ingest, make_data_type, record, templates
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


@pytest.fixture
def fine(sandbox: SandboxProcess) -> Any:
    data_type = make_data_type()
    sandbox.register(*templates())
    return data_type


def go(now: datetime = MORNING) -> int:
    match_everything(now=now)
    return deliver_due(now=lambda: now)


def states() -> list[tuple[str, str]]:
    return list(Notice.objects.order_by("pk").values_list("state", "reason"))


def reported(verdict: Verdict, code: str = "x") -> None:
    """As if the gateway had reported this about the newest delivery."""
    apply_outcomes([Reported(Delivery.objects.latest("pk").pk, Outcome("", verdict, code))], now=MORNING)


@pytest.mark.parametrize("channel", ["kakaotalk", "naver", "toss", "sms"])
def test_a_notice_reaches_the_first_channel_with_the_right_words(
    fine: Any, sandbox: SandboxProcess, channel: Any
) -> None:
    enrol(1, fine, channels=[channel], toss_user_key="443000001")
    ingest(record(1))
    assert go() == 1
    [row] = sandbox.rows()
    notice = Notice.objects.get()
    assert row["text"] == (
        "[국민비서] 홍길동님, 신호위반 40,000원을 2026. 4. 2.(목)까지 내 주세요. "
        f"확인코드 {check_code(notice.pk)} (issued)"
    )
    assert notice.state == ("delivered" if channel == "toss" else "sending")
    assert notice.deliveries.get().state == ("delivered" if channel == "toss" else "sent")


def test_only_what_is_urgent_is_sent_at_night(fine: Any, sandbox: SandboxProcess) -> None:
    enrol(1, fine, channels=["sms"])
    ingest(record(1), record(1, fields={"hearing_at": "2026-03-11T08:00:00+09:00"}), now=NIGHT)
    match_everything(now=NIGHT)
    assert deliver_due(now=lambda: NIGHT) == 0
    assert states() == [("ready", "quiet_hours")] * 2
    assert {notice.not_before for notice in Notice.objects.all()} == {MORNING.replace(day=11, hour=0)}
    assert go(MORNING.replace(day=10, hour=22, minute=30)) == 1  # 07:30 in Seoul: the hearing is today at 8
    assert sandbox.messages()["total"] == 1


def test_an_installation_may_send_at_any_hour_until_midnight(fine: Any, sandbox: SandboxProcess, settings: Any) -> None:
    settings.DAY_STARTS, settings.DAY_ENDS = time(0), time(0)
    enrol(1, fine, channels=["sms"])
    ingest(record(1), now=NIGHT)
    match_everything(now=NIGHT)
    assert deliver_due(now=lambda: NIGHT) == 1


@pytest.mark.parametrize(("hour", "day"), [(5, 10), (20, 11)])  # 05:00 and 20:00 in Seoul
def test_a_citizen_who_set_hours_is_written_to_from_their_next_morning(
    fine: Any, sandbox: SandboxProcess, hour: Any, day: Any
) -> None:
    alice = enrol(1, fine, channels=["sms"])
    alice.hours_from, alice.hours_to = time(11), time(18)
    alice.save()
    ingest(record(1))
    match_everything(now=MORNING)
    at = datetime(2026, 3, 10, hour, tzinfo=KST)
    Notice.objects.update(not_before=at)
    assert deliver_due(now=lambda: at) == 0
    assert Notice.objects.get().not_before == datetime(2026, 3, day, 11, tzinfo=KST)


def test_what_can_no_longer_help_is_closed_as_too_late(fine: Any, sandbox: SandboxProcess) -> None:
    enrol(1, fine, channels=["sms"])
    ingest(record(1))
    match_everything(now=MORNING)
    assert deliver_due(now=lambda: MORNING + timedelta(days=8)) == 0
    assert states() == [("too_late", "too_late")]


@pytest.mark.parametrize(
    ("what", "state", "reason"),
    [
        ("unsubscribed", "cancelled", "unsubscribed"),
        ("withdrawn", "cancelled", "consent_withdrawn"),
        ("paid", "cancelled", "settled"),
        ("taken_back", "cancelled", "withdrawn_by_agency"),
        ("erased", "cancelled", "erased"),
        ("no_channel", "failed", "no_channel"),
    ],
)
def test_consent_preference_and_record_are_checked_again_in_the_claim(
    fine: Any, sandbox: SandboxProcess, what: Any, state: Any, reason: Any
) -> None:
    alice = enrol(1, fine, channels=["sms"])
    ingest(record(1, external_id="A"))
    match_everything(now=MORNING)
    if what == "unsubscribed":
        Subscription.objects.update(ended_at=MORNING)
    elif what == "withdrawn":
        Consent.objects.update(withdrawn_at=MORNING)
    elif what == "paid":
        ingest(record(1, external_id="A", version=2, state="paid"))
    elif what == "taken_back":
        ingest(record(1, external_id="A", version=2, state="withdrawn"))
    elif what == "erased":
        alice.state = "erased"
        alice.save()
    else:
        alice.channels.all().delete()
    assert deliver_due(now=lambda: MORNING) == 0
    assert states() == [(state, reason)]
    assert sandbox.messages()["total"] == 0


def test_an_unsent_notice_says_the_newest_amount(fine: Any, sandbox: SandboxProcess) -> None:
    enrol(1, fine, channels=["sms"])
    ingest(record(1, external_id="A"))
    match_everything(now=MORNING)
    ingest(record(1, external_id="A", version=2, fields={"amount": 32000}))
    go()
    [row] = sandbox.rows()
    assert "32,000원을" in row["text"]


def test_the_next_channel_is_tried_only_after_a_definite_failure(fine: Any, sandbox: SandboxProcess) -> None:
    enrol(1, fine, channels=["kakaotalk", "sms"])
    ingest(record(1))
    go()
    for verdict in (Verdict.UNKNOWN, Verdict.ACCEPTED):
        reported(verdict)
        assert go() == 0
    reported(Verdict.UNDELIVERABLE, "3020")
    assert go() == 1
    assert [row["gateway"] for row in sandbox.rows()] == ["nhn", "twilio"]
    assert Notice.objects.get().tried == ["kakaotalk"]


def test_when_every_channel_failed_the_notice_says_so(fine: Any, sandbox: SandboxProcess) -> None:
    enrol(1, fine, channels=["sms"])
    ingest(record(1))
    go()
    reported(Verdict.UNDELIVERABLE, "30003")
    assert go() == 0
    assert states() == [("failed", "all_channels_failed")]


def test_a_busy_gateway_is_tried_again_later_and_no_sooner_than_it_asked(fine: Any, sandbox: SandboxProcess) -> None:
    sandbox.fault("nhn", "rate_limit", retry_after=120, count=1)
    enrol(1, fine, channels=["kakaotalk"])
    ingest(record(1))
    assert go() == 1
    notice = Notice.objects.get()
    assert notice.state == "ready" and notice.not_before >= MORNING + timedelta(seconds=120)
    assert go() == 0
    assert go(MORNING + timedelta(hours=1)) == 1
    assert sandbox.messages()["total"] == 1


def test_a_lost_answer_is_unknown_and_never_sent_again_blindly(fine: Any, sandbox: SandboxProcess) -> None:
    sandbox.fault("nhn", "lose_answer", count=1)
    enrol(1, fine, channels=["kakaotalk", "sms"])
    ingest(record(1))
    go()
    assert Notice.objects.get().state == "unknown"
    assert go(MORNING + timedelta(hours=1)) == 0
    assert sandbox.messages()["total"] == 1


def test_a_refused_template_is_stopped_with_an_alarm_and_the_next_channel_serves(
    fine: Any, sandbox: SandboxProcess
) -> None:
    MessageTemplate.objects.filter(channel="kakaotalk").update(vendor_template="never-approved")
    enrol(1, fine, channels=["kakaotalk", "sms"])
    ingest(record(1))
    assert go() == 2
    assert TemplateStop.objects.get(cleared_at=None).template.channel == "kakaotalk"
    assert Alarm.objects.get(kind="wording_refused").times == 1
    assert [row["gateway"] for row in sandbox.rows()] == ["twilio"]
    ingest(record(1))
    assert go() == 1  # straight to the text message


def test_a_template_that_the_vendor_has_not_approved_is_passed_over(fine: Any, sandbox: SandboxProcess) -> None:
    MessageTemplate.objects.filter(channel="naver").update(vendor_template="")
    enrol(1, fine, channels=["naver", "sms"])
    ingest(record(1))
    go()
    assert [row["gateway"] for row in sandbox.rows()] == ["twilio"]


def test_a_person_without_another_channel_waits_for_the_vendors_approval(fine: Any, sandbox: SandboxProcess) -> None:
    approved = dict(MessageTemplate.objects.filter(channel="kakaotalk").values_list("pk", "vendor_template"))
    MessageTemplate.objects.filter(channel="kakaotalk").update(vendor_template="")
    enrol(1, fine, channels=["kakaotalk"])
    ingest(record(1))
    assert go() == 0
    assert states() == [("ready", "wording_stopped")]
    for template, code in approved.items():
        MessageTemplate.objects.filter(pk=template).update(vendor_template=code)
    assert go(MORNING + timedelta(minutes=15)) == 1


def test_two_workers_never_claim_the_same_notice(fine: Any, sandbox: SandboxProcess) -> None:
    enrol(1, fine, channels=["sms"])
    ingest(record(1), record(1))
    match_everything(now=MORNING)
    first, second, third = (claim(now=MORNING, batch=1) for _ in range(3))
    assert len({*(a.notice_id for a in first.attempts), *(a.notice_id for a in second.attempts)}) == 2
    assert third.looked_at == 0


def test_a_notice_that_cannot_be_composed_is_set_aside_and_the_rest_flows(fine: Any, sandbox: SandboxProcess) -> None:
    enrol(1, fine, channels=["sms"])
    ingest(record(1, external_id="A"), record(1))
    match_everything(now=MORNING)
    notice = Notice.objects.get(record__external_id="A")
    notice.record.payload_encrypted = b"\x01\x05local" + b"0" * 40
    notice.record.save()
    go()
    assert sorted(states()) == [("review", "cannot_compose"), ("sending", "")]
    assert Alarm.objects.filter(kind="cannot_compose").exists()


def test_the_breaker_opens_by_rate_and_holds_the_channel(fine: Any, sandbox: SandboxProcess) -> None:
    sandbox.fault("nhn", "rate_limit")
    for number in range(8):
        enrol(number, fine, channels=["kakaotalk"])
    ingest(*(record(number) for number in range(8)))
    go()
    assert Alarm.objects.filter(kind="channel_paused", subject="kakaotalk").exists()
    ingest(record(1))
    assert go() == 0
    assert Notice.objects.latest("pk").reason == "channel_paused"


def test_five_hundred_notices_take_a_handful_of_statements(
    fine: Any, sandbox: SandboxProcess, django_assert_max_num_queries: Any
) -> None:
    for number in range(50):
        enrol(number, fine, channels=["kakaotalk"])
    ingest(*(record(number % 50) for number in range(500)))
    match_everything(now=MORNING)
    deliver_claim(claimed=claim(now=MORNING, batch=1), now=MORNING)  # compiles the template once
    with django_assert_max_num_queries(25):  # 0.05 a notice
        assert deliver_due(now=lambda: MORNING) == 499
