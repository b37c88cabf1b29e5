"""Test that a failing row stops no loop of the notices: the others are processed, and it is retried after a pause."""

from typing import Any

import pytest
from django.db.models.functions import Now

from notifications import tasks
from notifications.delivery import poll_gateways
from notifications.delivery.claim import claim
from notifications.matching.match import match_everything
from notifications.models import Alarm, Delivery, ReceiptEvent
from notifications.operations.submit_templates import submit_templates
from notifications.operations.sweep import find_waiting
from notifications.receipts.receipts import apply_receipts
from subscriptions.models import MessageTemplate
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record
from tests.support.present import present
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


def row_failed(loop: str) -> Alarm:
    found: Alarm = Alarm.objects.get(kind="row_failed", subject=loop)
    return found


def sent(*channels: str) -> list[Delivery]:
    """Sent to their gateways, without an outcome yet."""
    fine = make_data_type()
    for number, channel in enumerate(channels, 1):
        enrol(number, fine, channels=[channel])
        ingest(record(number))
    match_everything(now=MORNING)
    claim(now=MORNING)
    Delivery.objects.update(state="sent", answered_at=Now(), ask_at=Now())
    return list(Delivery.objects.order_by("pk"))


def notified(delivery: Delivery, verdict: str = "delivered") -> ReceiptEvent:
    return ReceiptEvent.objects.create(
        gateway="nhn", event_id=f"e{delivery.pk}", delivery_id=delivery.pk, verdict=verdict, received_at=MORNING
    )


def test_a_receipt_that_cannot_be_applied_keeps_no_other_back() -> None:
    deliveries = sent("kakaotalk", "kakaotalk", "kakaotalk")
    bad = notified(deliveries[0], "newer")
    for delivery in deliveries[1:]:
        notified(delivery)
    assert apply_receipts(now=MORNING).moved == 2
    assert Delivery.objects.filter(state="delivered").count() == 2
    assert "ValueError" in row_failed("receipts").message
    assert not find_waiting(now=MORNING).receipts  # it has its pause
    assert apply_receipts(now=MORNING).moved == 0
    assert row_failed("receipts").times == 1
    ReceiptEvent.objects.filter(pk=bad.pk).update(retry_at=Now(), verdict="delivered")
    assert find_waiting(now=MORNING).receipts
    assert apply_receipts(now=MORNING).moved == 1


def test_pauses_of_a_receipt_grow() -> None:
    bad = notified(sent("kakaotalk")[0], "nonsense")
    waits = []
    for _ in range(3):
        ReceiptEvent.objects.filter(retry_at__isnull=False).update(retry_at=Now())
        apply_receipts(now=MORNING)
        row = ReceiptEvent.objects.annotate(clock=Now()).get(pk=bad.pk)
        waits.append(round((present(row.retry_at) - row.clock).total_seconds() / 60))
    assert waits == [1, 2, 4]


def test_a_gateway_that_cannot_be_polled_keeps_no_other_from_being_polled(monkeypatch: pytest.MonkeyPatch) -> None:
    sent("sms", "kakaotalk")
    asked: list[str] = []

    def poll_one(code: str, questions: Any) -> tuple[list[Any], list[int]]:
        if code == "twilio":
            raise TypeError
        asked.append(code)
        return [], []

    monkeypatch.setattr(poll_gateways, "_poll", poll_one)
    Delivery.objects.update(asked=1, ask_at=Now())
    assert poll_gateways.poll_gateways(now=MORNING) == 2
    assert asked == ["nhn"]
    assert row_failed("gateways to poll").message.startswith("row twilio: TypeError")
    assert poll_gateways.poll_gateways(now=MORNING) == 0  # both have their pause
    Delivery.objects.update(ask_at=Now())
    poll_gateways.poll_gateways(now=MORNING)
    assert row_failed("gateways to poll").times == 2


def test_a_template_that_is_no_template_keeps_no_other_from_being_handed_in(sandbox: SandboxProcess) -> None:
    make_data_type()
    MessageTemplate.objects.update(vendor_template="")
    first = MessageTemplate.objects.exclude(channel="sms").order_by("pk")[0]
    right = first.body
    MessageTemplate.objects.filter(pk=first.pk).update(body="#{이름")
    others = MessageTemplate.objects.exclude(channel="sms").count() - 1
    assert submit_templates(now=MORNING) == others
    assert row_failed("templates").message.startswith(f"row {first.pk}")
    MessageTemplate.objects.filter(pk=first.pk).update(body=right)
    assert submit_templates(now=MORNING) == 1


def test_what_waits_is_enqueued_though_leases_cannot_be_recovered_and_one_task_cannot_be_enqueued(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notified(sent("kakaotalk")[0])
    ReceiptEvent.objects.update(delivery_id=1)
    enqueued: list[str] = []

    def enqueue(name: str, **_: int) -> None:
        if name == "receipts":
            raise TypeError
        enqueued.append(name)

    def broken(**_: Any) -> None:
        raise TypeError

    monkeypatch.setattr(tasks.enqueuing, "enqueue", enqueue)
    monkeypatch.setattr(tasks, "recover_leases", broken)
    tasks.sweep()
    assert "ask" in enqueued
    assert (row_failed("tasks to enqueue").times, row_failed("sweep").times) == (1, 1)
