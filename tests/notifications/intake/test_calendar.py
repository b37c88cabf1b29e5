"""Test Korean days and hours on difficult days of the calendar: row 13 of the fault matrix."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications import tasks
from notifications.models import Delivery, Notice
from secretary.kernel.time import database_clock
from secretary.kernel.time.clock import KST
from tests.notifications.cast import enrol, ingest, make_data_type, record, templates
from tests.support.sandbox_process import SandboxProcess


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


@pytest.fixture
def database_says(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set the present instant of the database, in Korean time."""
    return lambda text: monkeypatch.setattr(database_clock, "now", lambda: at(text))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("due_on", "quiet", "hours"),
    [
        ("2026-04-03", ("2026-03-31T23:59:50", "2026-04-01T00:00:10", "2026-04-01T08:59:59"), "2026-04-01T09:00:01"),
        ("2028-03-03", ("2028-02-28T23:59:50", "2028-02-29T00:00:10", "2028-02-29T08:59:59"), "2028-02-29T09:00:01"),
        ("2028-02-29", ("2028-02-25T23:59:59", "2028-02-26T00:00:00"), "2028-02-26T09:00:00"),
        ("2027-01-02", ("2026-12-29T23:59:59", "2026-12-30T00:00:01"), "2026-12-30T09:00:00"),
        ("2027-03-01", ("2027-02-25T23:59:59", "2027-02-26T00:00:01"), "2027-02-26T09:00:00"),
    ],
)
def test_a_date_stage_comes_once_on_its_korean_day_and_within_the_hours(
    sandbox: SandboxProcess,
    broker: Any,
    database_says: Callable[[str], None],
    due_on: str,
    quiet: tuple[str, ...],
    hours: str,
) -> None:
    """Midnight in Korea (15:00 UTC), the end of a month and of a year, and 29 February."""
    fine = make_data_type()
    sandbox.register(*templates())
    enrol(1, fine, channels=["sms"])
    ingest(record(1, fields={"due_on": due_on}), now=at(quiet[0]) - timedelta(days=2))
    for instant in quiet:
        database_says(instant)
        tasks.match_due_today()
        tasks.deliver()
        assert sandbox.messages()["total"] == 0
    for instant in (hours, hours[:-8] + "09:30:00", hours[:-8] + "19:59:59"):
        database_says(instant)
        tasks.match_due_today()
        tasks.deliver()
    assert Notice.objects.get(stage__code="due_soon").cause == f"due_soon:{due_on}"
    assert sandbox.messages()["total"] == 1
    assert str(Delivery.objects.get().day) == hours[:10]
