"""A message template that a gateway refuses stops at that provider: the channel's next one carries it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.utils.translation import override

from notifications.channels.contract import Receipt, Verdict
from notifications.delivery.deliver import deliver_due
from notifications.delivery.gateways import reference
from notifications.delivery.poll_gateways import poll_gateways
from notifications.gateway_names import gateway_name
from notifications.matching.match import match_everything
from notifications.models import Alarm, Delivery, Notice, ProviderState, TemplateStop
from notifications.operations.free_waiting import free_waiting
from notifications.operations.submit_templates import submit_templates
from notifications.operations.sweep import recover_leases
from notifications.receipts.receipts import apply_receipts, take_receipts
from secretary.kernel.models import AuditEvent
from subscriptions.models import Contact, DataType, MessageTemplate, TemplateVariant
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.browser_forms import fill_in
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
FIRST, SECOND = "nhn", "solapi_alimtalk"


@pytest.fixture
def fine(sandbox: SandboxProcess, settings: Any) -> DataType:
    settings.CHANNELS = {**settings.CHANNELS, "kakaotalk": f"nhn_alimtalk,{SECOND}"}
    data_type = make_data_type()
    sandbox.register(*templates())
    submit_templates(now=MORNING)
    return data_type


def due(fine: DataType, people: range = range(1, 7), channels: Any = ("kakaotalk", "sms")) -> None:
    for number in people:
        enrol(number, fine, channels=channels)
    again(people)


def again(people: range = range(1, 7)) -> None:
    ingest(*(record(number) for number in people))
    match_everything(now=MORNING)


def send(later: int = 0) -> list[tuple[str, str]]:
    """Return the gateway and state of each delivery that was begun, in their order."""
    before = set(Delivery.objects.values_list("pk", flat=True))
    deliver_due(now=lambda: MORNING + timedelta(seconds=later))
    return sorted(Delivery.objects.exclude(pk__in=before).values_list("gateway", "state"))


def break_codes(*gateways: str) -> None:
    """From now on these providers refuse the templates."""
    if FIRST in gateways:
        for template in MessageTemplate.objects.filter(channel="kakaotalk"):
            MessageTemplate.objects.filter(pk=template.pk).update(vendor_template=f"gone-{template.pk}")
    if SECOND in gateways:
        TemplateVariant.objects.filter(key__startswith=f"{SECOND}:").update(vendor_template="gone")


def stops() -> list[tuple[str, Any]]:
    return list(TemplateStop.objects.order_by("pk").values_list("gateway", "cleared_at").distinct())


def clear(client: Client, gateway: str) -> str:
    stop = TemplateStop.objects.get(gateway=gateway, cleared_at=None)
    return fill_in(client, f"/admin/notifications/templatestop/{stop.pk}/step/clear/", reason="다시 승인됨")


def test_what_the_first_refuses_stops_there_and_the_second_carries_it(fine: DataType, settings: Any) -> None:
    settings.CLAIM_BATCH = 3
    break_codes(FIRST)
    due(fine, channels=("kakaotalk",))
    assert send() == [(FIRST, "returned")] * 3 + [(SECOND, "sent")] * 3, "only the first batch was refused"
    assert send(later=2) == [(SECOND, "sent")] * 3, "what was refused is not lost to the channel"
    assert [(gateway, bool(cleared)) for gateway, cleared in stops()] == [(FIRST, False)]
    [alarm] = Alarm.objects.filter(kind="wording_refused")
    assert alarm.subject.endswith(f" {FIRST}") and FIRST in alarm.message
    again()
    assert send() == [(SECOND, "sent")] * 6


def test_refused_by_every_provider_the_next_channel_serves_with_an_alarm_of_each(fine: DataType) -> None:
    break_codes(FIRST, SECOND)
    due(fine, range(1, 5))
    due(fine, range(11, 13), channels=("kakaotalk",))
    assert send() == [(FIRST, "returned")] * 6
    assert send(later=2) == [(SECOND, "returned")] * 6
    assert send(later=4) == [("twilio", "sent")] * 4
    assert Notice.objects.filter(state="ready", reason="wording_stopped").count() == 2, "they have no other channel"
    subjects = set(Alarm.objects.filter(kind="wording_refused").values_list("subject", flat=True))
    assert {subject.rpartition(" ")[2] for subject in subjects} == {FIRST, SECOND} and len(subjects) == 2


def test_a_text_that_the_second_has_not_approved_goes_to_the_next_channel(fine: DataType) -> None:
    TemplateVariant.objects.filter(key__startswith=f"{SECOND}:").update(vendor_template="")
    break_codes(FIRST)
    due(fine)
    assert send() == [(FIRST, "returned")] * 6
    assert send(later=2) == [("twilio", "sent")] * 6


def test_each_provider_is_resumed_by_itself(fine: DataType, sandbox: SandboxProcess) -> None:
    known = dict(MessageTemplate.objects.filter(channel="kakaotalk").values_list("pk", "vendor_template"))
    break_codes(FIRST, SECOND)
    due(fine, channels=("kakaotalk",))
    for later in (0, 2, 4):
        send(later)
    operator = staff_client("operator")
    page = operator.get("/admin/notifications/templatestop/").content.decode()
    with override("ko"):
        assert gateway_name(FIRST) in page and gateway_name(SECOND) in page
    for pk, code in known.items():
        MessageTemplate.objects.filter(pk=pk).update(vendor_template=code)
    clear(operator, FIRST)
    assert [gateway for gateway, cleared in stops() if not cleared] == [SECOND]
    assert AuditEvent.objects.filter(action="template stop cleared", reason="다시 승인됨").count() == 1
    free_waiting(now=MORNING)
    assert send(later=6) == [(FIRST, "sent")] * 6
    sandbox.fault(gateway="nhn", fault="rate_limit", count=1)
    again()
    assert send(later=8) == [(FIRST, "returned")] * 6, "the second is given nothing while it is stopped there"


def test_a_receipt_that_refuses_the_template_stops_it_at_its_provider(fine: DataType) -> None:
    due(fine, channels=("kakaotalk",))
    assert send() == [(FIRST, "sent")] * 6
    receipts = [
        Receipt(f"e-{each.pk}", reference(each.pk), each.vendor_id, Verdict.TEMPLATE_REJECTED, "3015")
        for each in Delivery.objects.all()
    ]
    take_receipts(gateway="nhn", receipts=receipts, now=MORNING)
    apply_receipts(now=MORNING)
    assert [gateway for gateway, _ in stops()] == [FIRST]
    assert send(later=2) == [(SECOND, "sent")] * 6


def test_too_many_wrong_numbers_stop_it_at_the_provider_that_reports_them(fine: DataType) -> None:
    people = range(1, 25)
    due(fine, people, channels=("kakaotalk",))
    send()
    receipts = [
        Receipt(f"e-{each.pk}", reference(each.pk), each.vendor_id, Verdict.UNDELIVERABLE, "1020")
        for each in Delivery.objects.order_by("pk")[:11]
    ]
    take_receipts(gateway="nhn", receipts=receipts, now=MORNING)
    apply_receipts(now=MORNING)
    assert [gateway for gateway, _ in stops()] == [FIRST]
    again(people)
    assert set(send()) == {(SECOND, "sent")}


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_at_the_refusal_loses_nothing(fine: DataType, monkeypatch: Any, settings: Any) -> None:
    """The stop and the notices' way on are one transaction; without it the gateway is polled, and has nothing."""
    break_codes(FIRST)
    due(fine, channels=("kakaotalk",))

    def killed(**_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("notifications.delivery.outcomes.stop_at_its_gateways", killed)
        with pytest.raises(KeyboardInterrupt):
            send()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sending"} and not TemplateStop.objects.exists()
    settings.SETTLE_SECONDS = 0
    long_ago = F("started_at") - timedelta(minutes=2)
    Delivery.objects.update(started_at=long_ago, ask_at=Now() - timedelta(seconds=1))
    Contact.objects.update(changed_at=Now() - timedelta(days=1))
    recover_leases(now=MORNING)
    Delivery.objects.update(ask_at=Now() - timedelta(seconds=1))
    poll_gateways(now=MORNING)
    Notice.objects.update(not_before=MORNING)
    assert send() == [(FIRST, "returned")] * 6
    assert send(later=2) == [(SECOND, "sent")] * 6


def test_a_provider_that_is_dark_while_another_is_stopped_is_waited_for(
    fine: DataType, sandbox: SandboxProcess
) -> None:
    for template in MessageTemplate.objects.filter(channel="kakaotalk"):
        TemplateStop.objects.create(template=template, gateway=FIRST, code="x", stopped_at=MORNING)
    fault = sandbox.fault(gateway="solapi", fault="rate_limit", retry_after=600)
    due(fine, channels=("kakaotalk",))
    assert send() == [(SECOND, "returned")] * 6
    sandbox.request("DELETE", f"/control/faults/{fault}")
    ProviderState.objects.update(paused_until=MORNING - timedelta(days=999))
    Notice.objects.filter(state="ready").update(not_before=MORNING)
    assert send(later=5) == [(SECOND, "sent")] * 6


def test_a_stop_without_a_provider_is_of_all_of_them(fine: DataType) -> None:
    """As the last release writes them."""
    for template in MessageTemplate.objects.filter(channel="kakaotalk"):
        TemplateStop.objects.create(template=template, code="x", stopped_at=MORNING)
    due(fine)
    assert send() == [("twilio", "sent")] * 6


@pytest.mark.django_db(transaction=True)
def test_the_way_back_keeps_one_stop_of_each_template() -> None:
    make_data_type()
    for template in MessageTemplate.objects.filter(channel="kakaotalk")[:2]:
        for hours, gateway in ((1, SECOND), (0, FIRST)):
            at = MORNING + timedelta(hours=hours)
            TemplateStop.objects.create(template=template, gateway=gateway, code="x", stopped_at=at)
    call_command("migrate", "notifications", "0044", verbosity=0, interactive=False)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM notifications_wordingstop WHERE cleared_at IS NULL")
            assert cursor.fetchone() == (2,)
    finally:
        call_command("migrate", verbosity=0, interactive=False)
    assert (
        list(TemplateStop.objects.filter(cleared_at=None).values_list("gateway", "stopped_at")) == [("", MORNING)] * 2
    )
