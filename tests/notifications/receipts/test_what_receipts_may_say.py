"""Test which receipts count: "delivered" wins, only the own gateway's count, and a value is one record's (ADR 23)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from notifications.admin.timeline import timeline
from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.deliver import deliver_due
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.matching.match import match_everything
from notifications.models import Alarm, Delivery, Notice, ReceiptEvent, TemplateComplaint, TemplateStop
from tests.notifications.cast import MORNING, ingest, record
from tests.notifications.receipts.test_receipts import hook, post, sent, state, writer
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
__all__ = ["sent", "writer"]


def alarms() -> dict[str, str]:
    return dict(Alarm.objects.values_list("kind", "subject"))


def returned(sent: Delivery) -> Delivery:
    """NHN's answer was lost, and its list did not have the message when it was polled."""
    Delivery.objects.update(state="unknown", vendor_id="")
    Notice.objects.update(state="unknown")
    apply_outcomes(
        [Reported(sent.pk, Outcome("", Verdict.RETRY_LATER, "not-listed"), channel="kakaotalk")], now=MORNING
    )
    sent.refresh_from_db()
    assert state(sent) == ("returned", "ready")
    return sent


def test_delivered_wins_after_returned_and_the_notice_is_not_sent_again(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    post(client, sandbox, hook(returned(sent), "1000"))
    assert state(sent) == ("delivered", "cancelled")
    assert Notice.objects.get().reason == "already_delivered"
    assert deliver_due(now=lambda: MORNING + timedelta(days=1)) == 0
    assert sandbox.messages()["total"] == 1
    assert alarms() == {}


def test_delivered_after_returned_raises_an_alarm_where_a_second_message_has_gone(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    first = returned(sent)
    assert deliver_due(now=lambda: MORNING + timedelta(hours=1)) == 1
    post(client, sandbox, hook(first, "1000"))
    assert state(first) == ("delivered", "delivered")
    assert alarms() == {"told_twice": "kakaotalk"}
    second = Delivery.objects.latest("pk")
    post(client, sandbox, hook(second, "3008"))  # the second one's outcome starts no third
    assert state(second) == ("failed", "delivered")
    assert deliver_due(now=lambda: MORNING + timedelta(days=1)) == 0


def test_an_answer_that_comes_after_the_message_was_returned_moves_nothing(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    """Two workers poll at once; the slower one finds, by number and text, the message of the next attempt."""
    first = returned(sent)
    assert deliver_due(now=lambda: MORNING + timedelta(hours=1)) == 1
    second = Delivery.objects.latest("pk")
    late = Reported(first.pk, Outcome("", Verdict.DELIVERED, "delivered", second.vendor_id), channel="kakaotalk")
    apply_outcomes([late], now=MORNING + timedelta(hours=1))
    assert Delivery.objects.get(pk=first.pk).state == "returned"
    assert alarms() == {}


def test_delivered_after_a_failure_is_recorded_and_keeps_the_next_channel_from_being_used(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    post(client, sandbox, hook(sent, "3008"))
    assert state(sent) == ("failed", "ready")
    post(client, sandbox, hook(sent, "1000"))
    assert state(sent) == ("delivered", "cancelled")
    assert deliver_due(now=lambda: MORNING + timedelta(days=1)) == 0
    assert alarms() == {}


def test_delivered_after_a_failure_raises_an_alarm_where_the_next_channel_has_been_used(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    post(client, sandbox, hook(sent, "3008"))
    assert deliver_due(now=lambda: MORNING) == 1
    post(client, sandbox, hook(sent, "1000"))
    assert state(sent) == ("delivered", "delivered")
    assert alarms() == {"told_twice": "kakaotalk"}


def test_of_two_attempts_in_one_batch_the_one_that_arrived_decides(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    first = returned(sent)
    deliver_due(now=lambda: MORNING + timedelta(hours=1))
    second = Delivery.objects.latest("pk")
    post(client, sandbox, hook(second, "3008"), hook(first, "1000"))
    assert [state(first), state(second)] == [("delivered", "delivered"), ("failed", "delivered")]


@pytest.mark.parametrize("final", ["failed", "cancelled", "too_late"])
def test_a_notice_that_has_ended_stays_as_it_ended_and_its_timeline_says_that_it_arrived(
    client: Client, sandbox: SandboxProcess, sent: Delivery, final: Any
) -> None:
    returned(sent)
    Notice.objects.update(state=final, finished_at=MORNING)
    post(client, sandbox, hook(sent, "1000"))
    assert state(sent) == ("delivered", final)
    assert "카카오톡: 전달됨" in [moment.what for moment in timeline(Notice.objects.get())]


def test_a_receipt_of_another_gateway_moves_nothing_and_overwrites_nothing(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    post(client, sandbox, hook(sent, "3008"))
    deliver_due(now=lambda: MORNING)
    sms = Delivery.objects.latest("pk")
    before = (sms.channel, sms.state, sms.code, sms.vendor_id)
    for code in ("1000", "3008", "3015"):
        post(client, sandbox, hook(sms, code))
        sms.refresh_from_db()
        assert (sms.channel, sms.state, sms.code, sms.vendor_id) == before
    assert Notice.objects.get().state == "sending"
    assert not TemplateStop.objects.exists()
    assert alarms() == {"receipt_mismatch": "kakaotalk"}
    assert ReceiptEvent.objects.filter(delivery_id=sms.pk).count() == 3


def test_a_receipt_with_another_vendor_id_than_the_known_one_moves_nothing(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    before = sent.vendor_id
    assert post(client, sandbox, hook(sent, "1000", requestId="another")) == 200
    assert state(sent) == ("sent", "sending")
    assert sent.vendor_id == before
    assert alarms() == {"receipt_mismatch": "kakaotalk"}


def test_a_foreign_receipt_beside_the_true_one_does_not_stand_in_its_way(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    post(client, sandbox, hook(sent, "1000", requestId="another"), hook(sent, "3008"))
    assert state(sent) == ("failed", "ready")


def test_a_template_refused_about_a_message_that_has_arrived_stops_nothing(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    post(client, sandbox, hook(sent, "1000"))
    post(client, sandbox, hook(sent, "3015"))
    assert not TemplateStop.objects.exists()
    assert alarms() == {}


def test_a_template_that_is_refused_is_stopped(client: Client, sandbox: SandboxProcess, sent: Delivery) -> None:
    post(client, sandbox, hook(sent, "3015"))
    assert TemplateStop.objects.get().code == "3015"
    assert "wording_refused" in alarms()


def test_one_record_with_a_value_that_does_not_fit_goes_the_next_way_and_stops_nothing(
    client: Client, sandbox: SandboxProcess, sent: Delivery
) -> None:
    post(client, sandbox, hook(sent, "3025"))
    assert state(sent) == ("failed", "ready")
    assert not TemplateStop.objects.exists()
    assert deliver_due(now=lambda: MORNING) == 1
    assert [row["gateway"] for row in sandbox.rows()] == ["nhn", "twilio"]


def test_unfit_values_of_several_records_stop_it(
    client: Client, sandbox: SandboxProcess, sent: Delivery, settings: Any
) -> None:
    settings.TEMPLATE_VALUE_RECORDS, settings.TEMPLATE_VALUE_HOURS = 3, 24
    ingest(*(record(1) for _ in range(3)))
    match_everything(now=MORNING)
    deliver_due(now=lambda: MORNING)
    first, second, third, fourth = Delivery.objects.order_by("pk")
    post(client, sandbox, hook(first, "3025"), hook(second, "3025"))
    assert not TemplateStop.objects.exists()
    TemplateComplaint.objects.update(said_at=Now() - timedelta(hours=25))
    post(client, sandbox, hook(third, "3025"))
    assert not TemplateStop.objects.exists()  # the first two were too long ago
    TemplateComplaint.objects.update(said_at=Now() - timedelta(hours=23))
    post(client, sandbox, hook(fourth, "3025"))
    assert TemplateStop.objects.get().code == "3025"
    assert "wording_refused" in alarms()
