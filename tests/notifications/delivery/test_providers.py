"""A channel with several providers: the first is used while it can be, the next in the same claim, and never after
an unknown outcome."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from notifications.channels.contract import Channel, Receipt, Verdict
from notifications.delivery import deliver
from notifications.delivery.claim import claim
from notifications.delivery.deliver import deliver_due
from notifications.delivery.gateways import reference
from notifications.delivery.poll_gateways import poll_gateways
from notifications.matching.match import match_everything
from notifications.models import Alarm, ChannelState, Delivery, Notice, ProviderState
from notifications.operations.send_codes import send_codes
from notifications.receipts.receipts import apply_receipts, take_receipts
from subscriptions.models import Contact, DataType
from subscriptions.sign_in.phone_codes import issue
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, phone_of, record
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db(transaction=False)
PEOPLE = range(1, 7)


@pytest.fixture
def fine(sandbox: SandboxProcess, settings: Any) -> DataType:
    settings.CHANNELS = {**settings.CHANNELS, "sms": "twilio_sms,nhn_sms"}
    return make_data_type()


def due(fine: DataType, people: Any = PEOPLE) -> None:
    for number in people:
        enrol(number, fine, channels=["sms"])
    ingest(*(record(number) for number in people))
    match_everything(now=MORNING)


def send(later: int = 0) -> None:
    deliver_due(now=lambda: MORNING + timedelta(seconds=later))


def ledger(sandbox: SandboxProcess) -> Counter[str]:
    """How many messages each gateway has; each text is one notice's."""
    rows = sandbox.rows()
    assert len({row["text"] for row in rows}) == len(rows), "a notice was sent twice"
    return Counter(row["gateway"] for row in rows)


def deliveries() -> Counter[tuple[str, str]]:
    return Counter(Delivery.objects.values_list("gateway", "state"))


def test_the_first_provider_carries_all_while_it_can(fine: DataType, sandbox: SandboxProcess) -> None:
    due(fine)
    send()
    assert ledger(sandbox) == {"twilio": 6}
    assert deliveries() == {("twilio", "sent"): 6}


def test_what_the_first_refuses_goes_to_the_next_in_the_same_claim(fine: DataType, sandbox: SandboxProcess) -> None:
    sandbox.fault(gateway="twilio", fault="rate_limit", retry_after=600)
    due(fine)
    send()
    assert ledger(sandbox) == {"nhn_sms": 6}
    assert deliveries() == {("nhn_sms", "sent"): 6}
    assert set(Notice.objects.values_list("attempts", flat=True)) == {0}
    state = ProviderState.objects.get(pk="twilio")
    assert state.paused_until is not None and state.reason == "http-429"
    assert state.paused_until - state.changed_at > timedelta(seconds=599)  # at least what it had asked for
    assert not ChannelState.objects.filter(paused_until__isnull=False).exists()
    assert Alarm.objects.filter(kind="provider_paused", subject="twilio").exists()


def test_a_dark_provider_is_left_alone_and_comes_back_by_a_few(fine: DataType, sandbox: SandboxProcess) -> None:
    sandbox.fault(gateway="twilio", fault="rate_limit", count=6)
    due(fine)
    send()
    assert sandbox.request("GET", "/control/faults")["faults"][0]["hits"] == 6
    due(fine, range(7, 15))
    send()
    assert ledger(sandbox) == {"nhn_sms": 14}
    ProviderState.objects.filter(pk="twilio").update(paused_until=MORNING - timedelta(days=999))
    due(fine, range(15, 25))
    send()
    assert ledger(sandbox) == {"nhn_sms": 19, "twilio": 5}


@pytest.mark.parametrize("fault", ["lose_answer", "garbage", "error_after", "black_hole"])
def test_what_is_unknown_at_one_goes_to_no_other(
    fine: DataType, sandbox: SandboxProcess, settings: Any, fault: str
) -> None:
    if fault == "black_hole":
        settings.HTTP_TOTAL_SECONDS = 0.3
    sandbox.fault(gateway="twilio", fault=fault)
    due(fine)
    send()
    send(later=7200)
    assert ledger(sandbox) == ({} if fault == "black_hole" else {"twilio": 6})
    assert deliveries() == {("twilio", "unknown"): 6}
    sandbox.clear_faults()
    due(fine, [7])
    send()
    assert ledger(sandbox)["nhn_sms"] == 1  # the breaker of the first is open


def test_once_all_are_dark_the_channel_is(fine: DataType, sandbox: SandboxProcess) -> None:
    for gateway in ("twilio", "nhn_sms"):
        sandbox.fault(gateway=gateway, fault="rate_limit")
    due(fine)
    send()
    assert deliveries() == {("nhn_sms", "returned"): 6}
    assert ChannelState.objects.get(pk="sms").paused_until is not None
    assert Alarm.objects.filter(kind="channel_paused", subject="sms").exists()
    assert set(Notice.objects.values_list("attempts", flat=True)) == {1}


def test_a_pace_is_kept_and_the_rest_goes_to_the_next(fine: DataType, sandbox: SandboxProcess, settings: Any) -> None:
    settings.PROVIDER_RATES = {"twilio": 1}
    due(fine)
    send()
    assert ledger(sandbox) == {"twilio": 2, "nhn_sms": 4}


def test_a_pace_without_another_provider_is_waited_for_and_counts_no_attempt(
    fine: DataType, sandbox: SandboxProcess, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHANNELS = {**settings.CHANNELS, "sms": "twilio_sms"}
    settings.PROVIDER_RATES = {"twilio": 0.01}  # the third is not due before the test is over, on any machine
    monkeypatch.setattr("notifications.delivery.providers.BURST_SECONDS", 200.0)
    late = iter([False, False, False, True, True, True])
    monkeypatch.setattr(deliver, "is_late", lambda _: next(late))
    monkeypatch.setattr("notifications.delivery.providers.NAP_SECONDS", 0.0)
    due(fine)
    deliver.deliver_claim(claimed=claim(now=MORNING), now=MORNING)
    assert ledger(sandbox) == {"twilio": 2}
    held = Notice.objects.filter(reason="sms:provider-pace")
    assert held.count() == 4 and set(held.values_list("attempts", flat=True)) == {0}
    assert {each.not_before - MORNING for each in held} == {timedelta(seconds=1)}


def test_a_cap_of_the_day_is_kept(fine: DataType, sandbox: SandboxProcess, settings: Any) -> None:
    settings.PROVIDER_DAILY = {"twilio": 2, "nhn_sms": 3}
    due(fine)
    send()
    assert ledger(sandbox) == {"twilio": 2, "nhn_sms": 3}
    assert Notice.objects.get(state="ready").reason == "sms:provider-cap"
    assert Notice.objects.get(state="ready").attempts == 1  # in the end the next channel of the person's serves
    assert Alarm.objects.filter(kind="provider_capped", subject="sms").exists()
    deliver_due(now=lambda: MORNING + timedelta(days=1))
    assert ledger(sandbox)["twilio"] == 3


def test_the_next_provider_is_written_down_before_it_is_given_anything(
    fine: DataType, sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that ends in between leaves who is to be polled."""
    sandbox.fault(gateway="twilio", fault="rate_limit")
    adapter = deliver.adapter_of

    def ends_at_the_second(code: str, gateway: str) -> Channel:
        if gateway == "nhn_sms":
            raise TimeoutError
        return adapter(code, gateway)

    monkeypatch.setattr(deliver, "adapter_of", ends_at_the_second)
    due(fine)
    with pytest.raises(TimeoutError):
        send()
    assert deliveries() == {("nhn_sms", "sending"): 6}


def test_a_lost_answer_of_the_second_provider_is_polled_there(
    fine: DataType, sandbox: SandboxProcess, settings: Any
) -> None:
    sandbox.fault(gateway="twilio", fault="rate_limit")
    sandbox.fault(gateway="nhn_sms", fault="lose_answer")
    due(fine, [1])
    send()
    assert deliveries() == {("nhn_sms", "unknown"): 1}
    Delivery.objects.update(ask_at=MORNING - timedelta(days=1))
    sandbox.clear_faults()
    settings.SETTLE_SECONDS = 0
    poll_gateways(now=MORNING)
    assert deliveries()[("nhn_sms", "delivered")] + deliveries()[("nhn_sms", "sent")] == 1
    assert ledger(sandbox) == {"nhn_sms": 1}


def test_a_receipt_of_another_provider_is_foreign(fine: DataType, sandbox: SandboxProcess) -> None:
    due(fine, [1])
    send()
    sent = Delivery.objects.get()
    for gateway, state in (("nhn_sms", "sent"), ("twilio", "delivered")):
        given = Receipt(f"e-{gateway}", reference(sent.pk), "", Verdict.DELIVERED, "x")
        take_receipts(gateway=gateway, receipts=[given], now=MORNING)
        apply_receipts(now=MORNING)
        assert Delivery.objects.get().state == state
    assert Alarm.objects.filter(kind="receipt_mismatch", subject="sms").exists()


def test_one_provider_costs_no_statement_more(fine: DataType, settings: Any) -> None:
    settings.CHANNELS = {**settings.CHANNELS, "sms": "twilio_sms"}
    due(fine)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        send()
    assert [each["sql"] for each in queries if "providerstate" in each["sql"] or "SET gateway" in each["sql"]] == []


def test_a_sign_in_code_that_the_first_refuses_goes_to_the_next_and_an_unknown_one_to_no_other(
    fine: DataType, sandbox: SandboxProcess
) -> None:
    enrol(1, fine)
    Contact.objects.update(verified_at=MORNING)

    def carried_by(fault: str = "") -> Counter[str]:
        sandbox.clear_faults()
        if fault:
            sandbox.fault(gateway="twilio", fault=fault)
        issue(phone_of(1), replaces="", language="ko", now=MORNING)
        assert send_codes(now=MORNING) == 1
        return Counter(row["gateway"] for row in sandbox.rows())

    assert carried_by() == {"twilio": 1}
    assert carried_by("rate_limit") == {"twilio": 1, "nhn_sms": 1}
    assert carried_by("lose_answer") == {"twilio": 2, "nhn_sms": 1}
    ProviderState.objects.create(gateway="twilio", channel="sms", paused_until=Now() + timedelta(minutes=5))
    assert carried_by() == {"twilio": 2, "nhn_sms": 2}, "one whose breaker is open is tried last"
