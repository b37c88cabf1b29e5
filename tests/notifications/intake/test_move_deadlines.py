"""Test that legal deadlines move off Saturdays and public holidays, declared ones included (민법 §161)."""

from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from time_machine import travel

from notifications.intake.move_deadlines import move_deadlines
from notifications.matching.declared_holidays import declare_holiday, watch_calendar, withdraw_holiday
from notifications.matching.match import match_batches, match_due
from notifications.models import Alarm, DeclaredHoliday, Notice, Record
from notifications.models.declared_holiday import use_declared_holidays
from secretary.kernel.models import AuditEvent
from secretary.kernel.time import working_days
from secretary.kernel.time.clock import KST
from subscriptions.models import DataType
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record
from tests.support.present import present

pytestmark = pytest.mark.django_db
CHUSEOK_EVE, AFTER_CHUSEOK = date(2026, 9, 25), date(2026, 9, 28)


@pytest.fixture(autouse=True)
def _own_calendar() -> Any:
    yield
    working_days.declare(())


@pytest.fixture
def fine() -> DataType:
    data_type = make_data_type()
    version = present(data_type.live_version)
    version.fields = [field | {"deadline": field["name"] == "due_on"} for field in version.fields]
    version.save(update_fields=["fields"])
    return data_type


def at(year: int, month: int, day: int, hour: int = 10) -> datetime:
    return datetime(year, month, day, hour, tzinfo=KST).astimezone(UTC)


def deadline() -> date:
    return present(Record.objects.values_list("date_1", flat=True).get())


def test_a_deadline_on_a_holiday_is_kept_as_the_next_working_day_and_the_agencys_own_in_the_record(
    fine: DataType,
) -> None:
    ingest(record(1, fields={"due_on": "2026-09-25"}))
    assert deadline() == AFTER_CHUSEOK
    assert Record.objects.get().payload["due_on"] == "2026-09-25"


def test_a_date_that_is_no_legal_deadline_stays_where_it_is() -> None:
    make_data_type()
    ingest(record(1, fields={"due_on": "2026-09-25"}))
    assert deadline() == CHUSEOK_EVE


def test_reminders_count_from_the_moved_day(fine: DataType) -> None:
    enrol(1, fine)
    ingest(record(1, fields={"due_on": "2026-09-25"}))
    match_batches(now=at(2026, 9, 1))
    match_due(now=at(2026, 9, 22))  # three days before the agency's own day
    assert not Notice.objects.filter(cause__startswith="due_soon").exists()
    match_due(now=at(2026, 9, 25))
    notice = Notice.objects.get(cause="due_soon:2026-09-28")
    assert notice.expires_at == at(2026, 9, 29, 0)


def test_a_holiday_that_is_declared_later_moves_what_hangs_on_it_and_back(fine: DataType) -> None:
    ingest(record(1, fields={"due_on": "2026-09-28"}), record(2, fields={"due_on": "2026-10-01"}))
    declare_holiday(day=AFTER_CHUSEOK, name="임시공휴일", actor="staff:1", now=MORNING)
    assert move_deadlines(now=MORNING) == 1
    moved = set(Record.objects.values_list("date_1", flat=True))
    assert moved == {date(2026, 9, 29), date(2026, 10, 1)}
    assert move_deadlines(now=MORNING) == 0  # nothing is left to do
    withdraw_holiday(day=AFTER_CHUSEOK, actor="staff:1", reason="a mistake", now=MORNING)
    assert move_deadlines(now=MORNING) == 1
    assert set(Record.objects.values_list("date_1", flat=True)) == {AFTER_CHUSEOK, date(2026, 10, 1)}
    actions = list(
        AuditEvent.objects.filter(action__startswith="holiday").order_by("pk").values_list("action", "object")
    )
    assert actions == [("holiday.declared", "2026-09-28"), ("holiday.withdrawn", "2026-09-28")]


def test_a_record_that_is_read_after_the_declaration_knows_of_it(fine: DataType) -> None:
    declare_holiday(day=AFTER_CHUSEOK, name="임시공휴일", actor="staff:1", now=MORNING)
    ingest(record(1, fields={"due_on": "2026-09-25"}))
    assert deadline() == date(2026, 9, 29)


def test_extra_holidays_of_the_settings_count_as_well(fine: DataType, settings: Any) -> None:
    settings.EXTRA_HOLIDAYS = [AFTER_CHUSEOK]
    ingest(record(1, fields={"due_on": "2026-09-25"}))
    assert deadline() == date(2026, 9, 29)


def test_a_deadline_that_moves_supersedes_the_reminder_that_waits_for_the_old_day(fine: DataType) -> None:
    enrol(1, fine)
    ingest(record(1, fields={"due_on": "2026-09-25"}))
    match_batches(now=at(2026, 9, 1))
    match_due(now=at(2026, 9, 25))
    declare_holiday(day=AFTER_CHUSEOK, name="임시공휴일", actor="staff:1", now=MORNING)
    move_deadlines(now=MORNING)
    match_due(now=at(2026, 9, 26))
    assert sorted(Notice.objects.filter(cause__startswith="due_soon").values_list("cause", flat=True)) == [
        "due_soon:2026-09-28",
        "due_soon:2026-09-29",
    ]


def test_an_alarm_says_when_next_years_calendar_is_not_compared_yet() -> None:
    watch_calendar(now=at(2027, 6, 1))
    assert not Alarm.objects.exists()
    watch_calendar(now=at(2028, 1, 1))
    assert Alarm.objects.get().kind == "calendar"


def test_a_holiday_is_known_to_the_calendar_until_it_is_withdrawn() -> None:
    declare_holiday(day=AFTER_CHUSEOK, name="임시공휴일", actor="staff:1", now=MORNING)
    use_declared_holidays()
    assert not working_days.is_working_day(AFTER_CHUSEOK)
    withdraw_holiday(day=AFTER_CHUSEOK, actor="staff:1", reason="a mistake", now=MORNING)
    use_declared_holidays()
    assert working_days.is_working_day(AFTER_CHUSEOK)
    assert DeclaredHoliday.objects.count() == 1


def test_a_record_that_cannot_be_read_is_named_and_the_others_go_on(fine: DataType) -> None:
    ingest(*(record(person, fields={"due_on": "2026-10-05"}) for person in (1, 2, 3)))
    broken = Record.objects.order_by("pk")[1].pk
    Record.objects.filter(pk=broken).update(payload_encrypted=b"not what was written")
    Record.objects.update(date_1=date(2026, 10, 3))  # as before a change of the calendar: a Saturday
    out, err = StringIO(), StringIO()
    with travel(MORNING, tick=False):
        call_command("move_deadlines", stdout=out, stderr=err)
    kept = set(Record.objects.filter(date_1=date(2026, 10, 3)).values_list("pk", flat=True))
    assert kept == {broken} and out.getvalue().startswith("2 records have a new deadline")
    assert err.getvalue().strip() == f"1 records cannot be read, and keep their deadlines: {broken}"
    assert str(broken) in Alarm.objects.get(kind="deadlines_unread").message
