"""Settings of the pipeline of notices take effect."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client

from notifications import tasks
from notifications.channels.contract import Outcome, Verdict
from notifications.delivery import gateways
from notifications.delivery.breaker import note_health
from notifications.delivery.check_codes import check_code, notice_number
from notifications.delivery.claim import claim
from notifications.delivery.deliver import deliver_due
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.delivery.poll_gateways import give_up_on_silence, poll_gateways
from notifications.intake.read_feed import connector_for, read_feed
from notifications.matching.match import match_due, match_everything
from notifications.models import Alarm, ChannelState, Delivery, IngestBatch, Notice, Record
from notifications.operations.sweep import recover_leases, watch_clock
from notifications.operations.watch_reach import count_unreached
from secretary.kernel.time.clock import KST
from subscriptions.models import Contact, MessageTemplate
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, make_feed, record, templates
from tests.notifications.intake.test_push import key, push
from tests.support.present import present
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
__all__ = ["key"]


@pytest.fixture
def fine(sandbox: SandboxProcess) -> Any:
    data_type = make_data_type()
    sandbox.register(*templates())
    return data_type


def waiting(fine: Any, number: int = 1, channel: str = "sms") -> None:
    """So many notices of one person that are due now."""
    enrol(1, fine, channels=[channel])
    ingest(*(record(1) for _ in range(number)))
    match_everything(now=MORNING)


def reported(verdict: Verdict, code: str = "x") -> Delivery:
    """The gateway says this about the newest delivery, which is claimed now."""
    Notice.objects.filter(state="ready").update(not_before=MORNING)
    [attempt] = claim(now=MORNING).attempts
    apply_outcomes([Reported(attempt.delivery_id, Outcome("", verdict, code))], now=MORNING)
    return Delivery.objects.get(pk=attempt.delivery_id)


def seconds_until_asked() -> float:
    row = Delivery.objects.annotate(clock=Now()).latest("pk")
    return float((present(row.ask_at) - row.clock).total_seconds())


def test_claim_batch(fine: Any, settings: Any) -> None:
    waiting(fine, 3)
    settings.CLAIM_BATCH = 2
    assert [claim(now=MORNING).looked_at for _ in range(3)] == [2, 1, 0]


@pytest.mark.parametrize("seconds", [60, 90])
def test_lease_seconds(fine: Any, settings: Any, seconds: int) -> None:
    settings.LEASE_SECONDS = seconds
    waiting(fine)
    claim(now=MORNING)
    assert seconds_until_asked() == pytest.approx(seconds, abs=5)


@pytest.mark.parametrize("most", [1, 3])
def test_max_attempts(fine: Any, settings: Any, most: int) -> None:
    settings.MAX_ATTEMPTS = most
    waiting(fine)
    tried = []
    for _ in range(most):
        reported(Verdict.RETRY_LATER)
        tried.append(Notice.objects.get().tried)
    assert tried == [[]] * (most - 1) + [["sms"]]


@pytest.mark.parametrize(("most", "state"), [(1, "review"), (2, "unknown")])
def test_max_crashes(fine: Any, settings: Any, most: int, state: str) -> None:
    settings.MAX_CRASHES = most
    waiting(fine)
    claim(now=MORNING)
    Delivery.objects.update(ask_at=Now() - timedelta(seconds=1))
    recover_leases(now=MORNING)
    assert Notice.objects.get().state == state


@pytest.mark.parametrize(("base", "most", "longest"), [(30, 3600, 30), (300, 3600, 300), (300, 100, 100)])
def test_retry_base_and_max_seconds(fine: Any, settings: Any, base: int, most: int, longest: int) -> None:
    settings.RETRY_BASE_SECONDS, settings.RETRY_MAX_SECONDS = base, most
    waiting(fine)
    reported(Verdict.RETRY_LATER)
    assert longest / 2 <= (Notice.objects.get().not_before - MORNING).total_seconds() <= longest


@pytest.mark.parametrize("seconds", [60, 600])
def test_unknown_wait_and_receipt_wait_seconds(fine: Any, settings: Any, seconds: int) -> None:
    settings.UNKNOWN_WAIT_SECONDS, settings.RECEIPT_WAIT_SECONDS = seconds, seconds * 2
    waiting(fine)
    delivery = reported(Verdict.UNKNOWN)
    assert seconds_until_asked() == pytest.approx(seconds, abs=5)
    apply_outcomes([Reported(delivery.pk, Outcome("", Verdict.ACCEPTED))], now=MORNING)
    assert seconds_until_asked() == pytest.approx(seconds * 2, abs=5)


def test_receipt_give_up_hours(fine: Any, settings: Any) -> None:
    waiting(fine)
    reported(Verdict.UNKNOWN)
    Delivery.objects.update(answered_at=Now() - timedelta(hours=2))
    settings.RECEIPT_GIVE_UP_HOURS = 3
    assert give_up_on_silence(now=MORNING) == 0
    settings.RECEIPT_GIVE_UP_HOURS = 1
    assert give_up_on_silence(now=MORNING) == 1


def test_stage_grace_days(fine: Any, settings: Any) -> None:
    enrol(1, fine, channels=["sms"])
    ingest(record(1, fields={"due_on": str(date(2026, 3, 16))}))  # its reminder falls due on 13 March
    late = MORNING + timedelta(days=5)
    settings.STAGE_GRACE_DAYS = 1
    assert match_due(now=late) == 0
    settings.STAGE_GRACE_DAYS = 2
    assert match_due(now=late) == 1


def test_unreached_alarm_people(fine: Any, settings: Any) -> None:
    for number in (1, 2):
        enrol(number, fine, channels=[])
    ingest(record(1), record(2))
    match_everything(now=MORNING)
    assert deliver_due(now=lambda: MORNING) == 0
    settings.UNREACHED_ALARM_PEOPLE = 3
    assert count_unreached(now=MORNING) == 2
    assert not Alarm.objects.filter(kind="unreached").exists()
    settings.UNREACHED_ALARM_PEOPLE = 2
    count_unreached(now=MORNING)
    assert Alarm.objects.get(kind="unreached").message.startswith("2 people")


@pytest.mark.parametrize(("starts", "ends", "sent"), [(9, 20, 1), (11, 20, 0), (9, 10, 0)])
def test_day_starts_and_ends(fine: Any, settings: Any, starts: int, ends: int, sent: int) -> None:
    settings.DAY_STARTS, settings.DAY_ENDS = time(starts), time(ends)
    waiting(fine)
    assert MORNING.astimezone(KST).hour == 10
    assert deliver_due(now=lambda: MORNING) == sent


def test_times_of_calls_reach_the_adapters(settings: Any) -> None:
    """What each of them does there: tests/secretary/kernel/adapters and tests/notifications/channels."""
    settings.HTTP_CONNECT_SECONDS, settings.HTTP_TOTAL_SECONDS, settings.HTTP_BATCH_SECONDS = 1.5, 2.5, 3.5
    settings.HTTP_PATIENCE_SECONDS, settings.SETTLE_SECONDS = 0.5, 4.5
    timing = gateways.timing()
    assert (timing.connect_seconds, timing.total_seconds, timing.batch_seconds) == (1.5, 2.5, 3.5)
    assert (timing.patience_seconds, timing.settle) == (0.5, timedelta(seconds=4.5))


@pytest.mark.parametrize(("seconds", "state"), [(0.3, "unknown"), (20.0, "sent")])
def test_http_total_seconds(fine: Any, settings: Any, sandbox: SandboxProcess, seconds: float, state: str) -> None:
    settings.HTTP_TOTAL_SECONDS = seconds
    sandbox.fault("twilio", "latency", seconds=1)
    waiting(fine)
    deliver_due(now=lambda: MORNING)
    assert Delivery.objects.get().state == state


@pytest.mark.parametrize(("seconds", "state"), [(30.0, "ready"), (600.0, "unknown")])
def test_settle_seconds(fine: Any, settings: Any, sandbox: SandboxProcess, seconds: float, state: str) -> None:
    """Of a message of two minutes ago that the gateway does not list."""
    settings.SETTLE_SECONDS = seconds
    waiting(fine)
    claim(now=MORNING)
    Contact.objects.update(changed_at=Now() - timedelta(days=1))
    Delivery.objects.update(started_at=F("started_at") - timedelta(minutes=2), ask_at=Now() - timedelta(seconds=1))
    recover_leases(now=MORNING)
    poll_gateways(now=MORNING)
    assert Notice.objects.get().state == state


def test_reference_prefix(fine: Any, settings: Any, sandbox: SandboxProcess) -> None:
    settings.REFERENCE_PREFIX = "zz"
    waiting(fine)
    deliver_due(now=lambda: MORNING)
    number = Delivery.objects.get().pk
    assert sandbox.rows()[0]["reference"] == f"zz-{number}"
    assert (gateways.delivery_number(f"zz-{number}"), gateways.delivery_number(f"ps-{number}")) == (number, None)


def trouble(troubled: int, well: int) -> None:
    outcomes = [Outcome("ps-1", Verdict.RETRY_LATER, "http-429", retry_after=0.1)] * troubled
    outcomes += [Outcome("ps-1", Verdict.ACCEPTED)] * well
    note_health(
        channel="sms",
        outcomes={present(MessageTemplate.objects.filter(channel="sms").first()).pk: outcomes},
        now=MORNING,
    )


@pytest.mark.parametrize(("rate", "paused"), [(0.5, False), (0.3, True)])
def test_breaker_rate(fine: Any, settings: Any, rate: float, paused: bool) -> None:
    settings.BREAKER_RATE = rate
    trouble(4, 6)
    assert Alarm.objects.exists() == paused


@pytest.mark.parametrize(("window", "paused"), [(100, False), (10, True)])
def test_breaker_window(fine: Any, settings: Any, window: int, paused: bool) -> None:
    """The rate is that of the last so many."""
    settings.BREAKER_WINDOW = window
    trouble(0, 60)
    trouble(10, 0)
    assert Alarm.objects.exists() == paused


@pytest.mark.parametrize("seconds", [30, 300])
def test_breaker_pause_seconds(fine: Any, settings: Any, seconds: int) -> None:
    settings.BREAKER_PAUSE_SECONDS = seconds
    trouble(10, 0)
    row = ChannelState.objects.annotate(clock=Now()).get()
    assert (present(row.paused_until) - row.clock).total_seconds() == pytest.approx(seconds, abs=5)


def test_clock_tolerance_seconds(settings: Any) -> None:
    ahead = {"ahead": timedelta(seconds=-40), "machine": "worker-1", "now": MORNING}
    settings.CLOCK_TOLERANCE_SECONDS = 60.0
    assert not watch_clock(**ahead)  # type: ignore[arg-type]
    settings.CLOCK_TOLERANCE_SECONDS = 30.0
    assert watch_clock(**ahead)  # type: ignore[arg-type]
    assert Alarm.objects.get().subject == "worker-1"


def test_the_sweep_watches_the_clock(time_machine: Any, broker: Any) -> None:
    time_machine.move_to(datetime.now(UTC) + timedelta(hours=1))
    tasks.sweep()
    assert Alarm.objects.get().kind == "clock"


@pytest.mark.parametrize(("most", "status"), [(2, 200), (1, 400)])
def test_max_records_per_push(client: Client, key: Any, settings: Any, most: int, status: int) -> None:
    settings.MAX_RECORDS_PER_PUSH = most
    assert push(client, key, {"records": [record(1), record(2)]}).status_code == status
    assert Record.objects.count() == (2 if status == 200 else 0)


@pytest.mark.parametrize(("most", "status"), [(5_000_000, 200), (100, 413)])
def test_max_body_bytes(client: Client, key: Any, settings: Any, most: int, status: int) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = most
    assert push(client, key, {"records": [record(1)]}).status_code == status


@pytest.mark.parametrize(("seconds", "status"), [(300, 200), (100, 400)])
def test_webhook_tolerance_seconds(client: Client, key: Any, settings: Any, seconds: int, status: int) -> None:
    settings.WEBHOOK_TOLERANCE_SECONDS = seconds
    at = datetime.now(UTC) - timedelta(seconds=200)
    assert push(client, key, {"records": [record(1)]}, at=at).status_code == status


@pytest.mark.parametrize(("most", "status"), [(2_000_000, 401), (10, 413)])
def test_webhook_max_bytes(client: Client, sandbox: SandboxProcess, settings: Any, most: int, status: int) -> None:
    settings.WEBHOOK_MAX_BYTES = most
    assert client.post("/webhooks/nhn/", b"{" + b" " * 50, "application/json").status_code == status


@pytest.mark.parametrize(("lines", "batches"), [(5000, 1), (2, 2)])
def test_ingest_batch_and_file_drop_root(settings: Any, tmp_path: Path, lines: int, batches: int) -> None:
    make_data_type()
    feed = make_feed("knpa-file")
    feed.kind, feed.settings = "file_drop", {"folder": "knpa"}
    feed.save()
    (tmp_path / "knpa").mkdir()
    rows = "".join(json.dumps(record(1)) + "\n" for _ in range(3))
    (tmp_path / "knpa" / "fines.jsonl").write_text(rows, encoding="utf-8")
    settings.FILE_DROP_ROOT, settings.INGEST_BATCH = tmp_path, lines
    assert len([page for page in connector_for(feed).pages({}) if page.lines]) == batches
    assert read_feed(feed_id=feed.pk, now=MORNING).new == 3
    assert IngestBatch.objects.count() == batches


def test_check_code_key(fine: Any, settings: Any) -> None:
    code = check_code(7)
    assert notice_number(code) == 7
    settings.CHECK_CODE_KEY = b"another key of 32 bytes, exactly"
    assert check_code(7) != code
    assert notice_number(code) != 7
