"""Test that queue entries lost while triggers did not run are restored, and stale ones removed."""

from datetime import timedelta
from typing import Any

import pytest

from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import Alarm, Notice, QueueEntry
from notifications.operations import mend_queue as mending
from notifications.operations.mend_queue import mend_queue
from notifications.tasks import mend_the_queue
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record, templates
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(sandbox: SandboxProcess) -> list[Notice]:
    """Three queued notices."""
    fine = make_data_type()
    sandbox.register(*templates())
    enrol(1, fine, channels=["sms"])
    ingest(*(record(1) for _ in range(3)))
    match_everything(now=MORNING)
    return list(Notice.objects.order_by("pk"))


def test_a_place_that_was_lost_is_restored_every_hour_and_the_notice_sent(
    waiting: list[Notice], sandbox: SandboxProcess
) -> None:
    QueueEntry.objects.filter(notice=waiting[1]).delete()
    assert deliver_due(now=lambda: MORNING) == 2
    mend_the_queue()
    assert deliver_due(now=lambda: MORNING) == 1
    assert sandbox.messages()["total"] == 3
    assert Alarm.objects.get().kind == "queue_mended"


@pytest.mark.django_db(transaction=True)
def test_a_place_whose_notice_is_not_ready_is_removed(waiting: list[Notice], owner: Any) -> None:
    owner.execute("SET session_replication_role = replica")  # no triggers, as a restore or a replica applies rows
    owner.execute("UPDATE notifications_notice SET state = 'cancelled' WHERE id = %s", [waiting[0].pk])
    assert mend_queue(now=MORNING) == (0, 1)
    assert not QueueEntry.objects.filter(notice=waiting[0]).exists()


def test_where_the_line_is_whole_nothing_is_changed_and_no_alarm_raised(waiting: list[Notice]) -> None:
    assert mend_queue(now=MORNING) == (0, 0)
    assert not Alarm.objects.exists()


def test_each_older_span_has_its_hour(waiting: list[Notice], monkeypatch: Any) -> None:
    """Few rows are read each time, and all of them within as many hours as there are spans."""
    monkeypatch.setattr(mending, "SPAN", 1)
    QueueEntry.objects.all().delete()
    spans = waiting[-1].pk + 1
    restored = [mend_queue(now=MORNING + timedelta(hours=hour))[0] for hour in range(spans)]
    assert sum(restored) == 3
    assert max(restored) <= 2  # the newest, and the older one whose turn it is
    assert set(QueueEntry.objects.values_list("notice_id", flat=True)) == {notice.pk for notice in waiting}
