"""What is urgent leaves with the next claim, however many ordinary notices and bundled messages wait."""

from datetime import timedelta
from typing import Any

import pytest

from notifications import tasks
from notifications.delivery import claim as claim_module
from notifications.delivery import deliver as deliver_module
from notifications.delivery.claim import claim
from notifications.delivery.deliver import deliver_due
from notifications.matching import match as match_module
from notifications.matching.match import match_batches, match_everything
from notifications.models import Delivery, Feed, Notice, QueueEntry
from secretary.kernel.time import database_clock
from subscriptions.models import DataType, Stage
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, make_feed, record, templates
from tests.support.present import present
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
MANY = 60


@pytest.fixture
def checkup(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> DataType:
    """Check-ups are urgent; sixty ordinary fines wait, all due before them."""
    monkeypatch.setattr(database_clock, "now", lambda: MORNING)
    fine, urgent = make_data_type(), make_data_type("checkup", "nhis")
    Stage.objects.filter(version__data_type=urgent).update(urgent=True)
    sandbox.register(*templates())
    make_feed()
    make_feed("nhis-push", "nhis")
    for person in (1, 2):
        enrol(person, fine, urgent, channels=["sms"])
    ingest(*(record(1) for _ in range(MANY)), feed=Feed.objects.get(name="knpa-push"))
    match_everything(now=MORNING)
    return urgent


def urgent_news() -> int:
    ingest(record(2, data_type="checkup"), feed=Feed.objects.get(name="nhis-push"))
    match_everything(now=MORNING)
    return present(Notice.objects.filter(urgent=True).first()).pk


def test_an_urgent_notice_is_in_the_next_claim(checkup: DataType) -> None:
    assert len(claim(now=MORNING, batch=10).attempts) == 10
    urgent = urgent_news()
    assert urgent in {attempt.notice_id for attempt in claim(now=MORNING, batch=10).attempts}
    assert QueueEntry.objects.count() == MANY - 10 - 9


def test_its_own_task_sends_it_and_nothing_else(checkup: DataType, sandbox: SandboxProcess) -> None:
    urgent = urgent_news()
    tasks.deliver_urgent()
    assert list(Notice.objects.filter(state="sending").values_list("pk", flat=True)) == [urgent]
    assert len(sandbox.rows()) == 1


def test_a_small_batch_is_matched_before_large_ones_that_came_earlier(
    checkup: DataType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_module, "SMALL", 2)
    monkeypatch.setattr(match_module, "RECORDS_AT_ONCE", 5)
    fines = Feed.objects.get(name="knpa-push")
    for _ in range(2):
        ingest(*(record(1) for _ in range(4)), feed=fines)
    ingest(record(2, data_type="checkup"), feed=Feed.objects.get(name="nhis-push"))
    made = []
    while match_batches(now=MORNING):
        made.append((Notice.objects.filter(urgent=True).count(), Notice.objects.count() - MANY))
    assert made == [(1, 5), (1, 9)]


def test_claims_get_smaller_where_a_gateway_is_slow_and_larger_again(
    checkup: DataType, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """A worker takes nothing else before its claim is through."""
    settings.CLAIM_BATCH = 16
    monkeypatch.setattr(deliver_module, "PACE", deliver_module.Pace())
    monkeypatch.setattr(deliver_module, "LEAST", 4)
    sizes = []

    def each(claim_seconds: float) -> None:
        monkeypatch.setattr(deliver_module, "CLAIM_SECONDS", claim_seconds)
        before, ups = Delivery.objects.count(), iter([False, True])
        deliver_due(now=lambda: MORNING, until=lambda: next(ups))
        sizes.append(Delivery.objects.count() - before)

    for claim_seconds in (0.0, 1e9, 1e9, 1e9, 1e9):  # each claim takes longer than that, or less
        each(claim_seconds)
    assert sizes == [16, 4, 8, 16, 16]


def test_matching_enqueues_its_task_before_those_of_the_others(
    checkup: DataType, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueued: list[str] = []
    monkeypatch.setattr("notifications.tasks.enqueuing.enqueue", lambda name, **_: enqueued.append(name))
    ingest(record(1), feed=Feed.objects.get(name="knpa-push"))
    tasks.match()
    assert set(enqueued) == {"deliver"}
    enqueued.clear()
    ingest(record(2, data_type="checkup"), feed=Feed.objects.get(name="nhis-push"))
    tasks.match()
    assert enqueued[:2] == ["deliver_urgent", "deliver"]


def test_a_turn_of_the_ordinary_ones_ends_and_the_next_one_queues_behind_the_urgent(
    checkup: DataType, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """A deliverer does not run until nothing is left: its worker takes other tasks in between."""
    enqueued: list[str] = []
    monkeypatch.setattr("notifications.tasks.enqueuing.enqueue", lambda name, **_: enqueued.append(name))
    ups = iter([False, True, True])
    monkeypatch.setattr(tasks, "_time_is_up", lambda *_: lambda: next(ups))
    settings.CLAIM_BATCH = 10
    tasks.deliver()
    assert enqueued == ["deliver"] and QueueEntry.objects.count() == MANY - 10
    assert deliver_due(now=lambda: MORNING) == MANY - 10


def claimed(number: int) -> list[int]:
    return sorted(attempt.notice_id for attempt in claim(now=MORNING, batch=number).attempts)


@pytest.fixture
def walk(checkup: DataType, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Claims of two and more go on where the last one ended. The first twenty are claimed; those that wait."""
    monkeypatch.setattr(claim_module, "WALK", claim_module.Walk())
    monkeypatch.setattr(claim_module, "WALK_LEAST", 2)
    monkeypatch.setattr(claim_module, "WALK_SECONDS", 1e9)
    waiting = list(Notice.objects.order_by("pk").values_list("pk", flat=True))
    assert claimed(20) == waiting[:20]
    # the last one comes to the front
    Notice.objects.filter(pk=waiting[-1]).update(not_before=MORNING - timedelta(hours=1))
    return waiting[20:]


def test_a_claim_goes_on_where_the_last_one_ended_and_takes_what_is_before_it_in_the_end(walk: list[int]) -> None:
    assert claimed(30) == walk[:30]
    assert claimed(30) == walk[30:] and not QueueEntry.objects.exists()


def test_after_a_while_a_claim_begins_at_the_front(walk: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim_module, "WALK_SECONDS", -1.0)
    assert claimed(3) == [*walk[:2], walk[-1]]


def test_what_is_urgent_is_claimed_wherever_the_last_claim_ended(walk: list[int]) -> None:
    urgent = urgent_news()
    assert claimed(3) == [*walk[:2], urgent]
    assert claimed(3) == walk[2:5]
