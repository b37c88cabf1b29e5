"""Each row of the table of retention periods: there the day before, gone the day after."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import call_command

from notifications.models import (
    Alarm,
    Feed,
    FeedRun,
    IngestBatch,
    PushMessage,
    Record,
    RefusedLine,
)
from payments import adapters
from payments.models import Payment
from secretary.kernel.retention import Keep, remove_old
from secretary.kernel.time import database_clock
from secretary.ops import tasks
from secretary.ops.retention import KEPT
from tests.payments.bank import Bank, Biller
from tests.payments.cast import alice_owes, begin
from tests.plugin import ROOT
from tests.secretary.ops.old_rows import DAY, MADE, NOW, a_feed, a_receipt, a_run
from tests.subscriptions.admin.ninth_type import staff_client

pytestmark = pytest.mark.django_db
BY_NAME = {keep.what: keep for keep in KEPT}


@pytest.fixture(autouse=True)
def payment(monkeypatch: pytest.MonkeyPatch) -> Payment:
    """A record, its bill and a payment of today, as there would be beside what is old."""
    monkeypatch.setattr(adapters, "provider", Bank)
    monkeypatch.setattr(adapters, "biller", lambda _agency: Biller())
    return begin(*alice_owes())


def remove(**given: Any) -> dict[str, int]:
    removed = remove_old(KEPT, **{"now": NOW, "seconds": 600.0, **given})
    return {what: each.rows for what, each in removed.items() if each.rows}


@pytest.mark.parametrize("what", MADE)
def test_it_is_there_the_day_before_and_gone_the_day_after(what: str) -> None:
    keep, make = BY_NAME[what], MADE[what]
    young, old = make(NOW - keep.period() + DAY), make(NOW - keep.period() - DAY)
    assert keep.count(now=NOW) == 1
    assert remove()[what] == 1
    assert type(young)._default_manager.filter(pk=young.pk).exists()
    assert not type(old)._default_manager.filter(pk=old.pk).exists()
    assert remove() == {}


def test_every_row_of_the_table_is_tried() -> None:
    assert list(MADE) == [keep.what for keep in KEPT]
    assert len(BY_NAME) == len(KEPT)


def test_nothing_that_a_guarantee_needs_is_in_the_table() -> None:
    """What may go, by name: a new row of the table is thought about here too."""
    ours = {"common", "subscriptions", "notifications", "payments", "citizens"}
    tables = {model._meta.db_table for label in ours for model in apps.get_app_config(label).get_models()}
    assert {keep.table for keep in KEPT} & tables == {
        *("common_lookreport", "common_lookreportmember", "common_lookreportline"),
        *("common_tick", "subscriptions_attempt", "payments_providerevent", "payments_eventcount"),
        *("notifications_receiptevent", "notifications_pushmessage", "notifications_refusedline"),
        *("notifications_ingestbatch", "notifications_feedrun", "notifications_alarm", "notifications_alarmmessage"),
        "notifications_batchfigures",
        *("notifications_wordingcomplaint", "citizens_dataexport", "subscriptions_tosslink", "notifications_reachday"),
        *(
            "citizens_officecall",
            "subscriptions_familymember",
            "subscriptions_familynumber",
            "subscriptions_familytext",
        ),
        "notifications_yearlymessage",
        *("subscriptions_phonecode", "subscriptions_bulkupload", "notifications_deliveryhour"),
    }


def test_whatever_is_not_finished_stays() -> None:
    ages_ago = NOW - timedelta(days=10_000)
    a_receipt(ages_ago, applied_at=None)
    Alarm.objects.create(kind="feed", subject="x", message="open", raised_at=ages_ago)
    IngestBatch.objects.create(run=a_run(ages_ago), created_at=ages_ago)
    a_run(ages_ago, state=FeedRun.RUNNING, finished_at=None)
    assert remove() == {}


def test_the_newest_run_of_a_feed_stays_and_a_trial_is_no_newer_one() -> None:
    ages_ago = NOW - timedelta(days=10_000)
    feed = Feed.objects.create(name="quiet", kind="push", agency=a_feed().agency)
    run = FeedRun.objects.create(feed=feed, state=FeedRun.FINISHED, started_at=ages_ago, finished_at=ages_ago)
    FeedRun.objects.create(
        feed=feed, dry_run=True, state=FeedRun.FINISHED, started_at=ages_ago + DAY, finished_at=ages_ago + DAY
    )
    assert remove() == {}
    assert FeedRun.objects.filter(pk=run.pk).exists()


def test_a_run_goes_with_all_that_hung_on_it() -> None:
    ages_ago = NOW - timedelta(days=10_000)
    run = a_run(ages_ago)
    PushMessage.objects.create(feed=a_feed(), message_id="m", received_at=ages_ago, run=run)
    RefusedLine.objects.create(run=run, line=1, reason="bad")
    IngestBatch.objects.create(run=run, created_at=ages_ago, matched_at=ages_ago)
    assert remove() == dict.fromkeys(
        ("ids of signed pushes", "refused lines of feeds", "ingested batches", "feed runs"), 1
    )


def test_a_record_outlives_the_batch_that_brought_it(client: Any) -> None:
    IngestBatch.objects.update(created_at=NOW - timedelta(days=10_000), matched_at=NOW)
    assert remove() == {"ingested batches": 1}
    record = Record.objects.get()
    page = staff_client("operator").get(f"/admin/notifications/record/{record.pk}/change/")
    assert page.status_code == 200


@pytest.mark.parametrize("name", ["receipts", "pushes"])
def test_no_setting_makes_it_shorter_than_the_service_needs(settings: Any, name: str) -> None:
    settings.KEPT_DAYS = {**settings.KEPT_DAYS, name: 1}
    settings.RECEIPT_GIVE_UP_HOURS, settings.WEBHOOK_TOLERANCE_SECONDS = 80, 86_400
    what = {"receipts": "receipts of gateways", "pushes": "ids of signed pushes"}[name]
    MADE[what](NOW - 4 * DAY + timedelta(hours=1))
    assert remove() == {}


def test_a_run_whose_time_is_up_goes_on_the_next_time(django_assert_max_num_queries: Any) -> None:
    for number in range(7):
        a_receipt(NOW - (300 + number) * DAY)
        Session.objects.create(session_key=str(number), expire_date=NOW - DAY)
    gone = []
    for _ in range(4):
        with django_assert_max_num_queries(len(KEPT)):
            gone.append(remove(seconds=0.0, block=2))
    sessions, receipts = BY_NAME["receipts of gateways"].what, KEPT[0].what
    assert gone[:3] == [{sessions: 2, receipts: 2}] * 3
    assert gone[3] == {sessions: 1, receipts: 1}


def test_a_backlog_is_removed_to_its_end_where_there_is_time() -> None:
    for number in range(9):
        a_receipt(NOW - (300 + number) * DAY)
    assert remove(block=2)["receipts of gateways"] == 9
    assert remove() == {}


def test_what_is_young_is_not_looked_through(django_assert_max_num_queries: Any) -> None:
    for _ in range(20):
        a_receipt(NOW)
    with django_assert_max_num_queries(1):
        removed = BY_NAME["receipts of gateways"].remove(now=NOW, until=lambda: False, block=2)
    assert (removed.rows, removed.complete) == (0, True)


@pytest.mark.parametrize("keep", [keep for keep in KEPT if keep.setting], ids=lambda keep: keep.what)
def test_the_setting_says_how_many_days(settings: Any, keep: Keep) -> None:
    name = keep.setting.removeprefix("KEEP_").removesuffix("_DAYS").lower()
    settings.KEPT_DAYS = {**settings.KEPT_DAYS, name: 4000}
    assert keep.period() == 4000 * DAY


def test_the_hourly_job_removes_it_once_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_clock, "now", lambda: NOW)
    Session.objects.create(session_key="old", expire_date=NOW - DAY)
    tasks.housekeeping()
    assert not Session.objects.exists()
    Session.objects.create(session_key="later", expire_date=NOW - DAY)
    tasks.housekeeping()
    assert Session.objects.exists()
    monkeypatch.setattr(database_clock, "now", lambda: NOW + timedelta(hours=1))
    tasks.housekeeping()
    assert not Session.objects.exists()


def test_the_command_shows_what_would_go_and_then_removes_it(time_machine: Any) -> None:
    time_machine.move_to(NOW)
    Session.objects.create(session_key="old", expire_date=NOW - DAY)
    shown = StringIO()
    call_command("housekeeping", dry_run=True, stdout=shown)
    assert re.search(r"^ +1 of expired sessions", shown.getvalue(), re.M)
    assert re.search(r"of receipts of gateways, kept \S+ days \(KEEP_RECEIPTS_DAYS\)$", shown.getvalue(), re.M)
    assert Session.objects.exists()
    call_command("housekeeping", stdout=shown)
    assert not Session.objects.exists()


def test_the_document_has_the_table_as_it_is() -> None:
    lines = (ROOT / "docs/privacy.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("| ") and _is_row(line)] == [_documented(keep) for keep in KEPT]


def _is_row(line: str) -> bool:
    return line.split("|")[1].strip() in BY_NAME


def _documented(keep: Keep) -> str:
    setting = f"`{keep.setting}`" if keep.setting else "–"
    return f"| {keep.what} | {keep.period().total_seconds() / 86400:g} | {setting} | {keep.why} |"
