"""A senior's vaccination, from the paper form at the local office to the second dose, day by day."""

import csv
import json
from datetime import date, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models.functions import Now
from django.test import Client

from notifications.delivery.poll_gateways import poll_gateways
from notifications.intake.sample_feeds import seed_feeds
from notifications.models import Delivery, Notice
from secretary.kernel.time import clock
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.models import Citizen
from tests.subscriptions import cast
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
GRANDMOTHER = {"name": "최어르신", "birth_date": "1948-05-09", "phone": "010-0000-0005"}  # 78 in 2026
APPOINTMENT = {
    "vaccine": "독감",
    "dose": "1",
    "clinic": "가상보건소",
    "clinic_phone": "02-0000-0000",
    "appointment_at": "2026-03-12T14:00:00+09:00",
    "next_dose_on": "2026-04-02",
}
WHOLE = {"data_type": "vaccination", "version": "1", "state": "open"}


@pytest.fixture
def office(
    sandbox: SandboxProcess, settings: Any, tmp_path: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> Client:
    """A local office with its official signed in, the shipped catalogue, and the agency's drop folder."""
    settings.FILE_DROP_ROOT = tmp_path
    settings.SANDBOX_URL = ""  # no agency of the sandbox takes part: the file below is all there is
    # Twilio is asked, at once and again: there is no web server for its callbacks here.
    settings.RECEIPT_WAIT_SECONDS = settings.UNKNOWN_WAIT_SECONDS = 0
    monkeypatch.setattr("notifications.operations.run_once.poll_gateways", poll_before_the_lease_is_over)
    (tmp_path / "kdca-file").mkdir()
    call_command("load_catalogue", "--approve", "--no-drafts", verbosity=0)
    seed_feeds(config=sandbox.environment)
    cast.official()
    client.post("/officials/login/", {"username": "official", "password": "right-password-1"})
    return client


def poll_before_the_lease_is_over(**values: Any) -> Any:
    Delivery.objects.filter(state="sent").update(ask_at=Now())
    return poll_gateways(**values)


def register(office: Client) -> None:
    """The official types in what the paper form says."""
    paper = {"paper_form": "A-1", "birth_date": "19480509", "phone": GRANDMOTHER["phone"], "channel": "sms"}
    consents = {f"consent_{text.id}": "yes" for text in texts_for(live_data_types(["vaccination"]))}
    assert office.post("/officials/", {**paper, "name": GRANDMOTHER["name"], **consents}).status_code == 302
    assert Citizen.objects.get().registered_by == "office"


def drop(folder: Path, name: str, **changes: str) -> None:
    """A file as the vaccination agency leaves it: CSV in UTF-8 with a BOM."""
    row = {"external_id": "KDCA-1", **WHOLE, **GRANDMOTHER, **APPOINTMENT, **changes}
    with (folder / "kdca-file" / name).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)


def day(capsys: Any, at: str) -> dict[str, Any]:
    """`manage.py run_once --json --now …`, as ./run --once does it."""
    capsys.readouterr()
    call_command("run_once", "--json", "--now", at)
    report: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return report


def test_every_notice_of_a_vaccination_comes_at_its_time(
    office: Client, sandbox: Any, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    register(office)
    drop(settings.FILE_DROP_ROOT, "1.csv")

    story = [
        ("2026-03-05T08:00", []),  # too early in the day
        ("2026-03-05T10:00", ["booked"]),
        ("2026-03-10T10:00", []),
        ("2026-03-11T09:00", ["day_before"]),
        ("2026-03-12T07:00", []),
        ("2026-03-12T07:30", ["day_of"]),  # urgent: before nine
        ("2026-03-12T17:00", []),
        ("2026-03-12T18:00", ["after_care"]),
        ("2026-03-13T10:00", []),
        ("2026-03-30T10:00", ["next_dose_d3"]),
        ("2026-04-01T10:00", []),  # the day before is told of the booking of that dose
        ("2026-04-02T10:00", []),
    ]
    for at, expected in story:
        before = set(Notice.objects.filter(state="delivered").values_list("pk", flat=True))
        report = day(capsys, at)
        fresh = Notice.objects.filter(state="delivered").exclude(pk__in=before)
        assert [notice.cause.partition(":")[0] for notice in fresh.order_by("pk")] == expected, at
        assert report["channels"]["sms"]["delivered"] == len(expected), at
    texts = [row["text"] for row in sandbox.rows()]
    assert len(texts) == 5
    assert "2026. 3. 12.(목) 오후 2:00" in texts[0] and "가상보건소" in texts[0]
    assert not any("독감" in text for text in texts)  # health detail stays off the lock screen


def test_a_moved_appointment_is_announced_and_a_cancelled_one_no_longer_reminded(
    office: Client,
    sandbox: Any,
    settings: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    register(office)
    drop(settings.FILE_DROP_ROOT, "1.csv")
    day(capsys, "2026-03-05T10:00")
    drop(settings.FILE_DROP_ROOT, "2.csv", version="2", appointment_at="2026-03-20T09:30:00+09:00")
    day(capsys, "2026-03-06T07:00")  # at once, whatever the hour
    drop(settings.FILE_DROP_ROOT, "3.csv", version="3", state="withdrawn")
    day(capsys, "2026-03-07T10:00")
    day(capsys, "2026-03-19T10:00")
    sent = Notice.objects.filter(state="delivered").order_by("pk").values_list("cause", flat=True)
    assert list(sent) == ["booked", "changed:v2", "cancelled:v3"]
    assert "2026. 3. 20.(금) 오전 9:30" in sandbox.rows()[1]["text"]


@pytest.mark.parametrize("hour", [3, 15])
def test_without_an_instant_it_is_now_and_at_night_this_days_morning(
    office: Client, settings: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, hour: int
) -> None:
    notified = SimpleNamespace(**{**vars(clock), "now": lambda: clock.kst_instant(date(2026, 3, 5), time(hour))})
    monkeypatch.setattr("notifications.management.commands.run_once.database_clock", notified)
    register(office)
    drop(settings.FILE_DROP_ROOT, "1.csv")
    call_command("run_once", "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["channels"]["sms"]["delivered"] == 1
    assert Notice.objects.get(state="delivered").cause == "booked"
