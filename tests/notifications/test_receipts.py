"""Receipts over HTTP as the vendors send them, and states that only move forward."""

import itertools
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.db.models.functions import Now
from django.test import Client

from notifications.admin.timeline import timeline
from notifications.ask import give_up_on_silence
from notifications.channels.contract import Verdict
from notifications.deliver import deliver_due
from notifications.gateways import reference
from notifications.match import match_everything
from notifications.models import Alarm, Delivery, Notice, ReceiptEvent, WordingComplaint, WordingStop
from notifications.outcomes import Said, apply_outcomes
from notifications.receipt_writer import ReceiptWriter
from notifications.receipts import apply_receipts, take_receipts
from notifications.resend import close, resend
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


class SameThreadWriter(ReceiptWriter):
    """The writer without its thread, so that a test's transaction sees what it writes."""

    def __init__(self) -> None:
        """No thread."""

    def write(self, *, gateway: str, receipts: Any, now: Any) -> None:
        take_receipts(gateway=gateway, receipts=receipts, now=now)


@pytest.fixture(autouse=True, params=["applied as they come", "applied by the task"])
def writer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.receive.receipt_writer", SameThreadWriter)
    monkeypatch.setattr("notifications.receipts.IN_BULK", 1 if request.param == "applied as they come" else 100)


@pytest.fixture
def sent(sandbox: SandboxProcess) -> Delivery:
    """Alice's notice, handed to KakaoTalk, with a text message as her second choice."""
    fine = make_data_type()
    sandbox.register(*templates())
    enrol(1, fine, channels=["kakaotalk", "sms"])
    ingest(record(1))
    match_everything(now=MORNING)
    deliver_due(now=lambda: MORNING)
    return Delivery.objects.get()


_hooks = itertools.count(1)


def hook(delivery: Delivery, code: str, hook_id: str = "", **other: Any) -> dict[str, Any]:
    """What NHN reports about a message that it has. `other`: what is different about it."""
    request_id, _, number = delivery.vendor_id.partition("/")
    return {
        "hookId": hook_id or f"hook-{next(_hooks)}",
        "kakaoMessageType": "NORMAL",
        "requestId": request_id or "20260310",
        "recipientSeq": int(number or 1),
        "requestDate": "2026-03-10 10:00:00",
        "createDate": "2026-03-10 10:00:00",
        "receiveDate": "2026-03-10 10:00:01",
        "recipientNo": "01000000001",
        "resultCode": code,
        "senderGroupingKey": delivery.batch_key,
        "recipientGroupingKey": reference(delivery.pk),
        **other,
    }


def post(client: Client, sandbox: SandboxProcess, *hooks: dict[str, Any], signature: str | None = None) -> int:
    body = {
        "hooksId": "x",
        "webhookConfigId": "y",
        "productName": "KakaoTalk Bizmessage",
        "appKey": sandbox.environment["NHN_APP_KEY"],
        "event": "MESSAGE_RESULT_UPDATE",
        "hooks": list(hooks),
    }
    secret = sandbox.environment["NHN_WEBHOOK_SECRET"] if signature is None else signature
    answer = client.post(
        "/webhooks/nhn/", json.dumps(body), "application/json", headers={"X-Toast-Webhook-Signature": secret}
    )
    apply_receipts(now=MORNING)
    return answer.status_code


def state(delivery: Delivery) -> tuple[str, str]:
    delivery.refresh_from_db()
    return delivery.state, Notice.objects.get().state


def test_a_receipt_finishes_the_notice(client, sandbox, sent) -> None:
    assert post(client, sandbox, hook(sent, "1000")) == 200
    assert state(sent) == ("delivered", "delivered")


def test_a_repeated_event_is_stored_once_and_answered_each_time(client, sandbox, sent) -> None:
    for _ in range(3):
        assert post(client, sandbox, hook(sent, "1000", "same")) == 200
    assert ReceiptEvent.objects.count() == 1


def test_receipts_that_cannot_be_applied_at_once_are_kept_for_the_task(client, sandbox, sent, monkeypatch) -> None:
    def trouble(*_: Any, **__: Any) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    with monkeypatch.context() as broken:
        broken.setattr("notifications.receipts.apply_outcomes", trouble)
        broken.setattr("tests.notifications.test_receipts.apply_receipts", lambda **_: None)
        assert post(client, sandbox, hook(sent, "1000")) == 200
    assert state(sent) == ("sent", "sending")
    assert apply_receipts(now=MORNING).moved == 1
    assert state(sent) == ("delivered", "delivered")


def test_a_late_failure_never_undoes_delivered(client, sandbox, sent) -> None:
    post(client, sandbox, hook(sent, "1000"))
    assert post(client, sandbox, hook(sent, "3008")) == 200
    assert state(sent) == ("delivered", "delivered")


def test_delivered_wins_over_a_failure_in_the_same_batch(client, sandbox, sent) -> None:
    post(client, sandbox, hook(sent, "3008"), hook(sent, "1000"))
    assert state(sent) == ("delivered", "delivered")


def test_a_failure_for_this_person_moves_to_the_next_channel(client, sandbox, sent) -> None:
    post(client, sandbox, hook(sent, "3008"))
    assert state(sent) == ("failed", "ready")
    assert deliver_due(now=lambda: MORNING) == 1
    assert [row["gateway"] for row in sandbox.rows()] == ["nhn", "twilio"]


@pytest.mark.django_db(transaction=True)
def test_a_receipt_that_overtakes_the_answer_stands(client, sandbox, sent, owner) -> None:
    owner.execute("SET session_replication_role = replica")  # no triggers: back in time
    owner.execute("UPDATE notifications_delivery SET state = 'sending'")  # as between the claim and the answer
    owner.execute("UPDATE notifications_notice SET state = 'sending'")
    post(client, sandbox, hook(sent, "1000"))
    assert state(sent) == ("delivered", "delivered")


@pytest.mark.parametrize("signature", ["", "wrong"])
def test_a_forged_callback_is_refused_and_nothing_is_kept(client, sandbox, sent, signature) -> None:
    assert post(client, sandbox, hook(sent, "1000"), signature=signature) == 401
    assert not ReceiptEvent.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"[]", 400), (b"\xff", 400), (b'{"hooks": 3}', 400), (b"x" * 3_000_000, 413)],
)
def test_noise_gets_a_clear_answer(client, sandbox, sent, body, status) -> None:
    secret = sandbox.environment["NHN_WEBHOOK_SECRET"]
    answer = client.post("/webhooks/nhn/", body, "application/json", headers={"X-Toast-Webhook-Signature": secret})
    assert answer.status_code == status


def test_an_unknown_gateway_is_not_found_and_only_post_is_taken(client, sandbox) -> None:
    assert client.post("/webhooks/nobody/", b"{}", "application/json").status_code == 404
    assert client.get("/webhooks/nhn/").status_code == 405


def test_a_receipt_about_nothing_of_ours_is_kept_and_changes_nothing(client, sandbox, sent) -> None:
    assert post(client, sandbox, hook(sent, "1000", recipientGroupingKey="someone-elses")) == 200
    assert ReceiptEvent.objects.get().delivery_id is None
    assert state(sent) == ("sent", "sending")


@pytest.mark.parametrize("model", [Notice, Delivery])
def test_the_database_itself_refuses_to_go_back(client, sandbox, sent, model) -> None:
    post(client, sandbox, hook(sent, "1000"))
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(state="sending")


@pytest.mark.parametrize(("code", "after"), [("1000", "delivered"), ("3008", "ready")])
def test_a_receipt_that_comes_after_the_notice_went_to_review_settles_it(client, sandbox, sent, code, after) -> None:
    Delivery.objects.update(state="unknown", answered_at=Now() - timedelta(hours=81), ask_at=Now() + timedelta(hours=1))
    Notice.objects.update(state="unknown")
    assert give_up_on_silence(now=MORNING) == 1
    assert Notice.objects.get().state == "review"
    post(client, sandbox, hook(sent, code))
    assert Notice.objects.get().state == after


def test_a_receipt_does_not_open_what_a_person_has_closed(client, sandbox, sent) -> None:
    Notice.objects.update(state="review")
    close(notice_id=Notice.objects.get().pk, actor="staff", reason="phoned", now=MORNING)
    post(client, sandbox, hook(sent, "3008"))
    assert Notice.objects.get().state == "cancelled"


def test_a_notice_that_was_sent_again_by_hand_is_not_sent_once_its_receipt_has_come(client, sandbox, sent) -> None:
    Delivery.objects.update(state="unknown")
    Notice.objects.update(state="review")
    resend(notice_id=Notice.objects.get().pk, actor="staff", reason="asked", now=MORNING)
    post(client, sandbox, hook(sent, "1000"))
    assert state(sent) == ("delivered", "cancelled")
    assert Notice.objects.get().reason == "already_delivered"
    assert deliver_due(now=lambda: MORNING) == 0


def alarms() -> dict[str, str]:
    return dict(Alarm.objects.values_list("kind", "subject"))


def returned(sent: Delivery) -> Delivery:
    """NHN's answer was lost, and its list did not have the message when we asked."""
    Delivery.objects.update(state="unknown", vendor_id="")
    Notice.objects.update(state="unknown")
    apply_outcomes([Said(sent.pk, Verdict.LATER, "not-listed", channel="kakaotalk")], now=MORNING)
    sent.refresh_from_db()
    assert state(sent) == ("returned", "ready")
    return sent


def test_delivered_wins_after_returned_and_the_notice_is_not_sent_again(client, sandbox, sent) -> None:
    post(client, sandbox, hook(returned(sent), "1000"))
    assert state(sent) == ("delivered", "cancelled")
    assert Notice.objects.get().reason == "already_delivered"
    assert deliver_due(now=lambda: MORNING + timedelta(days=1)) == 0
    assert sandbox.ledger()["total"] == 1
    assert alarms() == {}


def test_delivered_after_returned_raises_an_alarm_where_a_second_message_has_gone(client, sandbox, sent) -> None:
    first = returned(sent)
    assert deliver_due(now=lambda: MORNING + timedelta(hours=1)) == 1
    post(client, sandbox, hook(first, "1000"))
    assert state(first) == ("delivered", "delivered")
    assert alarms() == {"told_twice": "kakaotalk"}
    second = Delivery.objects.latest("pk")
    post(client, sandbox, hook(second, "3008"))  # what becomes of the second one starts no third
    assert state(second) == ("failed", "delivered")
    assert deliver_due(now=lambda: MORNING + timedelta(days=1)) == 0


def test_delivered_after_a_failure_is_recorded_and_keeps_the_next_channel_from_being_used(
    client, sandbox, sent
) -> None:
    post(client, sandbox, hook(sent, "3008"))
    assert state(sent) == ("failed", "ready")
    post(client, sandbox, hook(sent, "1000"))
    assert state(sent) == ("delivered", "cancelled")
    assert deliver_due(now=lambda: MORNING + timedelta(days=1)) == 0
    assert alarms() == {}


def test_delivered_after_a_failure_raises_an_alarm_where_the_next_channel_has_been_used(client, sandbox, sent) -> None:
    post(client, sandbox, hook(sent, "3008"))
    assert deliver_due(now=lambda: MORNING) == 1
    post(client, sandbox, hook(sent, "1000"))
    assert state(sent) == ("delivered", "delivered")
    assert alarms() == {"told_twice": "kakaotalk"}


def test_of_two_attempts_in_one_batch_the_one_that_arrived_decides(client, sandbox, sent) -> None:
    first = returned(sent)
    deliver_due(now=lambda: MORNING + timedelta(hours=1))
    second = Delivery.objects.latest("pk")
    post(client, sandbox, hook(second, "3008"), hook(first, "1000"))
    assert [state(first), state(second)] == [("delivered", "delivered"), ("failed", "delivered")]


@pytest.mark.parametrize("final", ["failed", "cancelled", "too_late"])
def test_a_notice_that_has_ended_stays_as_it_ended_and_its_timeline_says_that_it_arrived(
    client, sandbox, sent, final
) -> None:
    returned(sent)
    Notice.objects.update(state=final, finished_at=MORNING)
    post(client, sandbox, hook(sent, "1000"))
    assert state(sent) == ("delivered", final)
    assert "kakaotalk: delivered" in [moment.what for moment in timeline(Notice.objects.get())]


def test_a_receipt_of_another_gateway_moves_nothing_and_overwrites_nothing(client, sandbox, sent) -> None:
    post(client, sandbox, hook(sent, "3008"))
    deliver_due(now=lambda: MORNING)
    sms = Delivery.objects.latest("pk")
    before = (sms.channel, sms.state, sms.code, sms.vendor_id)
    for code in ("1000", "3008", "3015"):
        post(client, sandbox, hook(sms, code))
        sms.refresh_from_db()
        assert (sms.channel, sms.state, sms.code, sms.vendor_id) == before
    assert Notice.objects.get().state == "sending"
    assert not WordingStop.objects.exists()
    assert alarms() == {"receipt_mismatch": "kakaotalk"}
    assert ReceiptEvent.objects.filter(delivery_id=sms.pk).count() == 3


def test_a_receipt_with_another_vendor_id_than_the_known_one_moves_nothing(client, sandbox, sent) -> None:
    before = sent.vendor_id
    assert post(client, sandbox, hook(sent, "1000", requestId="another")) == 200
    assert state(sent) == ("sent", "sending")
    assert sent.vendor_id == before
    assert alarms() == {"receipt_mismatch": "kakaotalk"}


def test_a_foreign_receipt_beside_the_true_one_does_not_stand_in_its_way(client, sandbox, sent) -> None:
    post(client, sandbox, hook(sent, "1000", requestId="another"), hook(sent, "3008"))
    assert state(sent) == ("failed", "ready")


def test_a_wording_refused_about_a_message_that_has_arrived_stops_nothing(client, sandbox, sent) -> None:
    post(client, sandbox, hook(sent, "1000"))
    post(client, sandbox, hook(sent, "3015"))
    assert not WordingStop.objects.exists()
    assert alarms() == {}


def test_a_wording_that_is_refused_is_stopped(client, sandbox, sent) -> None:
    post(client, sandbox, hook(sent, "3015"))
    assert WordingStop.objects.get().code == "3015"
    assert "wording_refused" in alarms()


def test_one_record_with_a_value_that_does_not_fit_goes_the_next_way_and_stops_nothing(client, sandbox, sent) -> None:
    post(client, sandbox, hook(sent, "3025"))
    assert state(sent) == ("failed", "ready")
    assert not WordingStop.objects.exists()
    assert deliver_due(now=lambda: MORNING) == 1
    assert [row["gateway"] for row in sandbox.rows()] == ["nhn", "twilio"]


def test_values_that_do_not_fit_stop_the_wording_once_several_records_have_them(
    client, sandbox, sent, settings
) -> None:
    settings.WORDING_VALUE_RECORDS, settings.WORDING_VALUE_HOURS = 3, 24
    ingest(*(record(1) for _ in range(3)))
    match_everything(now=MORNING)
    deliver_due(now=lambda: MORNING)
    first, second, third, fourth = Delivery.objects.order_by("pk")
    post(client, sandbox, hook(first, "3025"), hook(second, "3025"))
    assert not WordingStop.objects.exists()
    WordingComplaint.objects.update(said_at=Now() - timedelta(hours=25))
    post(client, sandbox, hook(third, "3025"))
    assert not WordingStop.objects.exists()  # the first two were too long ago
    WordingComplaint.objects.update(said_at=Now() - timedelta(hours=23))
    post(client, sandbox, hook(fourth, "3025"))
    assert WordingStop.objects.get().code == "3025"
    assert "wording_refused" in alarms()
