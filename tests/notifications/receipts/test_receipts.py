"""Test receipts over HTTP as the vendors send them, and that states only move forward."""

import itertools
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.db.models.functions import Now
from django.test import Client

from notifications.delivery.deliver import deliver_due
from notifications.delivery.gateways import reference
from notifications.delivery.poll_gateways import give_up_on_silence
from notifications.matching.match import match_everything
from notifications.models import Delivery, Notice, ReceiptEvent
from notifications.operations.resend import close, resend
from notifications.receipts.receipts import apply_receipts
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.notifications.same_thread import SameThreadWriter
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, params=["applied as they come", "applied by the task"])
def writer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.receipts.receive.receipt_writer", SameThreadWriter)
    monkeypatch.setattr(
        "notifications.receipts.receipts.IN_BULK", 1 if request.param == "applied as they come" else 100
    )


@pytest.fixture
def sent(sandbox: SandboxProcess) -> Delivery:
    """Alice's notice, sent through KakaoTalk, with a text message as her second choice."""
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


def test_a_receipt_finishes_the_notice(client: Client, sandbox: SandboxProcess, sent: Delivery) -> None:
    assert post(client, sandbox, hook(sent, "1000")) == 200
    assert state(sent) == ("delivered", "delivered")


def test_a_repeated_event_is_stored_once_and_answered_each_time(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    for _ in range(3):
        assert post(client, sandbox, hook(sent, "1000", "same")) == 200
    assert ReceiptEvent.objects.count() == 1


def test_delivered_that_ends_its_delivery_is_not_stored_apart_and_its_repetition_is(
    client: Client, sandbox: SandboxProcess, sent: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.receipts.receipts.IN_BULK", 1)
    for stored in (0, 1, 1):
        assert post(client, sandbox, hook(sent, "1000", "same")) == 200
        assert (ReceiptEvent.objects.count(), state(sent)) == (stored, ("delivered", "delivered"))


def test_receipts_that_cannot_be_applied_at_once_are_kept_for_the_task(
    client: Client, sandbox: SandboxProcess, sent: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trouble(*_: Any, **__: Any) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    with monkeypatch.context() as broken:
        broken.setattr("notifications.receipts.receipts.apply_outcomes", trouble)
        broken.setattr("tests.notifications.receipts.test_receipts.apply_receipts", lambda **_: None)
        assert post(client, sandbox, hook(sent, "1000")) == 200
    assert state(sent) == ("sent", "sending")
    assert apply_receipts(now=MORNING).moved == 1
    assert state(sent) == ("delivered", "delivered")


def test_a_late_failure_never_undoes_delivered(client: Client, sandbox: SandboxProcess, sent: Delivery) -> None:
    post(client, sandbox, hook(sent, "1000"))
    assert post(client, sandbox, hook(sent, "3008")) == 200
    assert state(sent) == ("delivered", "delivered")


def test_delivered_wins_over_a_failure_in_the_same_batch(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    post(client, sandbox, hook(sent, "3008"), hook(sent, "1000"))
    assert state(sent) == ("delivered", "delivered")


def test_a_failure_for_this_person_moves_to_the_next_channel(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    post(client, sandbox, hook(sent, "3008"))
    assert state(sent) == ("failed", "ready")
    assert deliver_due(now=lambda: MORNING) == 1
    assert [row["gateway"] for row in sandbox.rows()] == ["nhn", "twilio"]


@pytest.mark.django_db(transaction=True)
def test_a_receipt_that_overtakes_the_answer_stands(
    client: Client, sandbox: SandboxProcess, sent: Delivery, owner: Any
) -> None:
    owner.execute("SET session_replication_role = replica")  # no triggers: back in time
    owner.execute("UPDATE notifications_delivery SET state = 'sending'")  # as between the claim and the answer
    owner.execute("UPDATE notifications_notice SET state = 'sending'")
    post(client, sandbox, hook(sent, "1000"))
    assert state(sent) == ("delivered", "delivered")


@pytest.mark.parametrize("signature", ["", "wrong"])
def test_a_forged_callback_is_refused_and_nothing_is_kept(
    client: Client, sandbox: SandboxProcess, sent: Delivery, signature: Any
) -> None:
    assert post(client, sandbox, hook(sent, "1000"), signature=signature) == 401
    assert not ReceiptEvent.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"[]", 400), (b"\xff", 400), (b'{"hooks": 3}', 400), (b"x" * 3_000_000, 413)],
)
def test_noise_gets_a_clear_answer(
    client: Client, sandbox: SandboxProcess, sent: Delivery, body: Any, status: Any
) -> None:
    secret = sandbox.environment["NHN_WEBHOOK_SECRET"]
    answer = client.post("/webhooks/nhn/", body, "application/json", headers={"X-Toast-Webhook-Signature": secret})
    assert answer.status_code == status


def test_an_unknown_gateway_is_not_found_and_only_post_is_taken(client: Client, sandbox: SandboxProcess) -> None:
    assert client.post("/webhooks/unknown/", b"{}", "application/json").status_code == 404
    assert client.get("/webhooks/nhn/").status_code == 405


def test_a_receipt_about_nothing_of_ours_is_kept_and_changes_nothing(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    assert post(client, sandbox, hook(sent, "1000", recipientGroupingKey="someone-elses")) == 200
    assert ReceiptEvent.objects.get().delivery_id is None
    assert state(sent) == ("sent", "sending")


@pytest.mark.parametrize("model", [Notice, Delivery])
def test_the_database_itself_refuses_to_go_back(
    client: Client, sandbox: SandboxProcess, sent: Delivery, model: Any
) -> None:
    post(client, sandbox, hook(sent, "1000"))
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(state="sending")


@pytest.mark.parametrize(("code", "after"), [("1000", "delivered"), ("3008", "ready")])
def test_a_receipt_that_comes_after_the_notice_went_to_review_settles_it(
    client: Client, sandbox: SandboxProcess, sent: Delivery, code: Any, after: Any
) -> None:
    Delivery.objects.update(state="unknown", answered_at=Now() - timedelta(hours=81), ask_at=Now() + timedelta(hours=1))
    Notice.objects.update(state="unknown")
    assert give_up_on_silence(now=MORNING) == 1
    assert Notice.objects.get().state == "review"
    post(client, sandbox, hook(sent, code))
    assert Notice.objects.get().state == after


def test_a_receipt_does_not_open_what_a_person_has_closed(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    Notice.objects.update(state="review")
    close(notice_id=Notice.objects.get().pk, actor="staff", reason="phoned", now=MORNING)
    post(client, sandbox, hook(sent, "3008"))
    assert Notice.objects.get().state == "cancelled"


def test_a_notice_that_was_sent_again_by_hand_is_not_sent_once_its_receipt_has_come(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    Delivery.objects.update(state="unknown")
    Notice.objects.update(state="review")
    resend(notice_id=Notice.objects.get().pk, actor="staff", reason="asked", now=MORNING)
    post(client, sandbox, hook(sent, "1000"))
    assert state(sent) == ("delivered", "cancelled")
    assert Notice.objects.get().reason == "already_delivered"
    assert deliver_due(now=lambda: MORNING) == 0
