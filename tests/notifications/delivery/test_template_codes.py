"""Each provider of a channel with templates has codes of its own, and is given only texts that it has approved."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from notifications.delivery.deliver import deliver_due
from notifications.delivery.poll_gateways import poll_gateways
from notifications.matching.match import match_everything
from notifications.models import Alarm, ChannelState, Delivery, Notice, ProviderState, TemplateStop
from notifications.operations.submit_templates import submit_templates
from subscriptions.models import DataType, TemplateVariant
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
SECOND = "solapi_alimtalk"
PEOPLE = range(1, 7)


@pytest.fixture
def fine(sandbox: SandboxProcess, settings: Any) -> DataType:
    settings.CHANNELS = {**settings.CHANNELS, "kakaotalk": f"nhn_alimtalk,{SECOND}"}
    data_type = make_data_type()
    sandbox.register(*templates())
    submit_templates(now=MORNING)  # those of the second provider
    return data_type


def due(fine: DataType, channels: Any = ("kakaotalk",)) -> None:
    for number in PEOPLE:
        enrol(number, fine, channels=channels)
    ingest(*(record(number) for number in PEOPLE))
    match_everything(now=MORNING)


def send(later: int = 0) -> None:
    deliver_due(now=lambda: MORNING + timedelta(seconds=later))


def ledger(sandbox: SandboxProcess) -> Counter[str]:
    return Counter(row["gateway"] for row in sandbox.rows())


def deliveries() -> Counter[tuple[str, str]]:
    return Counter(Delivery.objects.values_list("gateway", "state"))


def of_second() -> Any:
    return TemplateVariant.objects.filter(key__startswith=f"{SECOND}:")


def test_what_the_first_refuses_goes_to_the_second_under_its_own_code(fine: DataType, sandbox: SandboxProcess) -> None:
    due(fine)
    send()
    assert ledger(sandbox) == {"nhn": 6}
    texts = {row["text"].partition(" 확인코드")[0] for row in sandbox.rows()}
    sandbox.fault(gateway="nhn", fault="rate_limit", retry_after=600)
    ingest(*(record(number) for number in PEOPLE))
    match_everything(now=MORNING)
    send()
    assert ledger(sandbox) == {"nhn": 6, SECOND: 6}
    assert {row["text"].partition(" 확인코드")[0] for row in sandbox.rows()} == texts
    assert deliveries() == {("nhn", "sent"): 6, (SECOND, "sent"): 6}


def test_a_text_that_the_second_has_not_approved_goes_to_the_next_channel_at_once(
    fine: DataType, sandbox: SandboxProcess, settings: Any
) -> None:
    """Those without another channel wait for the first provider, and these waits count as no attempts."""
    settings.MAX_ATTEMPTS = 2
    of_second().update(vendor_template="")
    fault = sandbox.fault(gateway="nhn", fault="rate_limit", retry_after=600)
    for number in (11, 12):
        enrol(number, fine, channels=["kakaotalk"])
    ingest(*(record(number) for number in (11, 12)))
    due(fine, ("kakaotalk", "sms"))
    send()  # the first refuses them, and its breaker opens
    assert ledger(sandbox) == {} and deliveries() == {("nhn", "returned"): 8}
    Notice.objects.filter(state="ready").update(not_before=MORNING)
    send()
    assert ledger(sandbox) == {"twilio": 6}
    assert Notice.objects.filter(deliveries__code="provider-template").distinct().count() == 8
    for hours in (1, 2, 3):
        Notice.objects.filter(state="ready").update(not_before=MORNING)
        send(later=3600 * hours)
    assert Notice.objects.filter(state="ready", attempts__lt=2).count() == 2
    assert not Alarm.objects.filter(kind="written_otherwise").exists(), "their words are not altered"
    sandbox.request("DELETE", f"/control/faults/{fault}")
    ProviderState.objects.update(paused_until=MORNING - timedelta(days=999))
    ChannelState.objects.update(paused_until=None, reason="")
    Notice.objects.filter(state="ready").update(not_before=MORNING)
    send(later=5 * 3600)
    assert ledger(sandbox) == {"twilio": 6, "nhn": 2}


def test_what_the_second_refuses_stops_there_with_one_alarm_and_the_first_goes_on(
    fine: DataType, sandbox: SandboxProcess
) -> None:
    """No notice is lost to the channel: what the second has refused goes to the first once that is back."""
    of_second().update(vendor_template="unheard-of")
    sandbox.fault(gateway="nhn", fault="rate_limit", count=1)
    due(fine, ("kakaotalk", "sms"))
    send()
    assert ledger(sandbox) == {} and deliveries() == {(SECOND, "returned"): 6}
    assert list(TemplateStop.objects.values_list("gateway", flat=True)) == [SECOND]
    assert Alarm.objects.filter(kind="wording_refused").count() == 1
    assert set(of_second().values_list("vendor_template", flat=True)) == {"unheard-of"}, "codes stay, for staff to mend"
    ProviderState.objects.update(paused_until=MORNING - timedelta(days=999))
    send(later=2)
    assert ledger(sandbox) == {"nhn": 6}
    assert set(Notice.objects.values_list("attempts", flat=True)) == {0}


def test_a_lost_answer_of_the_second_is_polled_there(fine: DataType, sandbox: SandboxProcess, settings: Any) -> None:
    sandbox.fault(gateway="nhn", fault="rate_limit")
    sandbox.fault(gateway="solapi", fault="lose_answer")
    due(fine)
    send()
    assert deliveries() == {(SECOND, "unknown"): 6}
    sandbox.clear_faults()
    settings.SETTLE_SECONDS = 0
    Delivery.objects.update(ask_at=MORNING - timedelta(days=1))
    poll_gateways(now=MORNING)
    assert {state for _, state in deliveries()} <= {"sent", "delivered"}
    assert ledger(sandbox) == {SECOND: 6}
