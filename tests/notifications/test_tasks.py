"""Test that every scheduled or enqueued task exists, goes to a queue that has a worker, and runs."""

from datetime import timedelta

import pytest
from kombu.utils.scheduling import cycle_by_name

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


def test_a_worker_takes_from_its_first_queue_and_lets_the_others_go_on() -> None:
    assert app.conf.broker_transport_options["queue_order_strategy"] == "secretary.celery:UrgentFirst"
    queues = cycle_by_name("secretary.celery:UrgentFirst")()  # type: ignore[no-untyped-call]
    queues.update(["urgent", "notices"])
    waiting, taken = {"urgent": 100, "notices": 3}, []
    for _ in range(40):
        name = next(each for each in queues.consume(2) if waiting[each])  # as BRPOP does
        waiting[name] -= 1
        queues.rotate(name)
        taken.append(name)
    assert [nth for nth, name in enumerate(taken) if name == "notices"] == [8, 17, 26]
    queues.update([])  # the worker ends, and has asked for one more: it goes back to its queue
    queues.rotate("urgent")
    assert queues.consume(0) == []


@pytest.mark.django_db
def test_two_schedulers_make_one_run_and_the_next_window_is_another() -> None:
    assert first_of_run(name="match_due", seconds=60, now=MORNING)
    assert not first_of_run(name="match_due", seconds=60, now=MORNING + timedelta(seconds=59))
    assert first_of_run(name="match_due", seconds=60, now=MORNING + timedelta(seconds=60))
    assert first_of_run(name="other", seconds=60, now=MORNING)
