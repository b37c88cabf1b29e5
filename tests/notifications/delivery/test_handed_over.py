"""Test that what a gateway took of many messages stands in one row until a receipt or the sweep writes it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from notifications.channels.codes.numbers import WRONG_NUMBER
from notifications.channels.contract import Outcome, Receipt, Verdict
from notifications.delivery.deliver import TOGETHER, deliver_due
from notifications.delivery.gateways import reference
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.matching.match import match_everything
from notifications.models import Delivery, HandedOver, Notice, TemplateStop
from notifications.operations.sweep import recover_leases, settle_handed_over
from notifications.receipts.receipts import IN_BULK, take_receipts
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
AGO = timedelta(seconds=21)


@pytest.fixture(autouse=True)
def many_messages(sandbox: SandboxProcess) -> list[Delivery]:
    data_type = make_data_type()
    sandbox.register(*templates())
    enrol(1, data_type, channels=["kakaotalk"])
    ingest(*[record(1, external_id=f"R-{number}") for number in range(TOGETHER)])
    match_everything(now=MORNING)
    assert deliver_due(now=lambda: MORNING) == sandbox.messages()["total"] == TOGETHER
    return list(Delivery.objects.order_by("id"))


def states() -> set[Any]:
    return set(Delivery.objects.values_list("state", "vendor_id"))


def test_without_a_receipt_the_sweep_writes_it_and_not_before_most_receipts_have_come() -> None:
    row = HandedOver.objects.get()
    settle_handed_over(now=MORNING)
    assert states() == {("sending", "")} and HandedOver.objects.exists()
    HandedOver.objects.update(answered_at=row.answered_at - AGO)
    settle_handed_over(now=MORNING)
    assert states() == {("sent", vendor_id) for vendor_id in row.vendor_ids}
    assert set(Delivery.objects.values_list("answered_at", flat=True)) == {row.answered_at - AGO}
    assert not HandedOver.objects.exists() and set(Notice.objects.values_list("state", flat=True)) == {"sending"}


def test_what_a_receipt_has_ended_stays_as_it_is(many_messages: list[Delivery]) -> None:
    ended = [each.pk for each in many_messages[:IN_BULK]]
    news = [Receipt(f"e-{pk}", reference(pk), f"ours/{pk}", Verdict.DELIVERED, "1000") for pk in ended]
    take_receipts(gateway="nhn", receipts=news, now=MORNING)
    HandedOver.objects.update(answered_at=Now() - AGO)
    settle_handed_over(now=MORNING)
    assert set(Delivery.objects.filter(pk__in=ended).values_list("state", "vendor_id")) == {
        ("delivered", f"ours/{pk}") for pk in ended
    }
    assert Delivery.objects.filter(state="sent").count() == TOGETHER - IN_BULK


def test_a_delivery_that_was_thought_to_be_lost_gets_the_number_by_which_it_is_polled() -> None:
    Delivery.objects.update(ask_at=Now() - timedelta(seconds=1))  # the sweep came late
    assert recover_leases(now=MORNING) == TOGETHER
    row = HandedOver.objects.get()
    HandedOver.objects.update(answered_at=Now() - AGO)
    settle_handed_over(now=MORNING)
    assert states() == {("unknown", vendor_id) for vendor_id in row.vendor_ids}


def test_what_is_not_written_yet_counts_in_its_batch(many_messages: list[Delivery], settings: Any) -> None:
    settings.WRONG_NUMBERS_LEAST = 1
    wrong = Outcome("", Verdict.UNDELIVERABLE, next(iter(WRONG_NUMBER["nhn"])))
    failed = (many_messages[0].pk, many_messages[-1].pk)
    apply_outcomes([Reported(pk, wrong, "kakaotalk", by_receipt=True, gateway="nhn") for pk in failed], now=MORNING)
    assert Delivery.objects.filter(state="failed").count() == len(failed)
    assert not TemplateStop.objects.exists()  # two of sixty-four, not two of two
