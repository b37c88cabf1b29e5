"""Test that every scheduled or enqueued task exists, goes to a queue that has a worker, and runs."""

from datetime import timedelta

import pytest

import citizens.tasks  # noqa: F401
import notifications.tasks  # noqa: F401  (as autodiscover does)
import payments.tasks  # noqa: F401
import secretary.ops.tasks  # noqa: F401
import subscriptions.tasks  # noqa: F401
from secretary.celery import app
from secretary.kernel.scheduled_runs import first_of_run
from tests.notifications.cast import MORNING

APPS = ("citizens.", "notifications.", "payments.", "secretary.", "ops.", "subscriptions.")
OURS = {name for name in app.tasks if name.startswith(APPS)}


def test_every_task_has_a_route_to_a_queue_and_every_route_a_task() -> None:
    queues = {queue.name for queue in app.conf.task_queues}
    assert set(app.conf.task_routes) == OURS
    assert {route["queue"] for route in app.conf.task_routes.values()} <= queues


def test_everything_on_the_schedule_is_a_task() -> None:
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= OURS


@pytest.mark.django_db
def test_two_schedulers_make_one_run_and_the_next_window_is_another() -> None:
    assert first_of_run(name="match_due", seconds=60, now=MORNING)
    assert not first_of_run(name="match_due", seconds=60, now=MORNING + timedelta(seconds=59))
    assert first_of_run(name="match_due", seconds=60, now=MORNING + timedelta(seconds=60))
    assert first_of_run(name="other", seconds=60, now=MORNING)
