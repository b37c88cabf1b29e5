"""Test the alarm for a live version that notifies people of an end and has no stage for its reversal."""

from typing import Any

import pytest

from notifications import tasks
from notifications.models import Alarm
from notifications.operations.watch_templates import watch_templates
from subscriptions.models import DataType, DataTypeVersion
from tests.notifications.cast import MORNING, add_stage, make_data_type
from tests.support.present import present

pytestmark = pytest.mark.django_db
ENDS = {"paid": "paid", "done": "completed", "cancelled": "withdrawn", "court": "objected"}


@pytest.fixture
def fine() -> DataType:
    return make_data_type()


def only_end(fine: DataType, trigger: str | None) -> None:
    """The one end that it has a stage for, and no stage for its reversal."""
    present(fine.live_version).stages.filter(trigger__in=["reopened", *ENDS.values()]).delete()
    if trigger:
        add_stage(present(fine.live_version), "end", trigger=trigger, told_only=True)


@pytest.mark.parametrize("trigger", ENDS.values())
def test_it_names_the_kind_and_the_stage_to_add(fine: DataType, trigger: str) -> None:
    only_end(fine, trigger)
    assert (watch_templates(now=MORNING), watch_templates(now=MORNING)) == (1, 1)
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.subject, alarm.times) == ("reopened_unsaid", "traffic_fine", 2)
    assert "reopened" in alarm.message and "v1" in alarm.message


@pytest.mark.parametrize("trigger", [*ENDS.values(), None])
def test_what_can_be_undone_or_has_no_end_is_no_alarm(fine: DataType, trigger: str | None) -> None:
    only_end(fine, trigger)
    if trigger:
        add_stage(present(fine.live_version), "reopened", trigger="reopened", told_only=True)
    assert watch_templates(now=MORNING) == 0 and not Alarm.objects.exists()


@pytest.mark.parametrize("state", [DataTypeVersion.DRAFT, DataTypeVersion.REVIEW, DataTypeVersion.RETIRED])
def test_only_what_is_live_counts(fine: DataType, state: str) -> None:
    only_end(fine, "withdrawn")
    DataTypeVersion.objects.update(state=state)
    assert watch_templates(now=MORNING) == 0


def test_the_hourly_look_at_the_calendar_looks_at_it(fine: DataType, broker: Any) -> None:
    only_end(fine, "withdrawn")
    tasks.watch_the_calendar()
    assert Alarm.objects.filter(kind="reopened_unsaid").exists()
