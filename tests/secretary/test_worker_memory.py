"""A worker's process gives back what a task has left in cycles, and does not look for them after one that left none."""

import gc
from collections.abc import Iterator

import pytest
from celery.signals import task_postrun

from secretary.celery import GARBAGE_OBJECTS, LEFT_OBJECTS


@pytest.fixture
def as_in_a_worker() -> Iterator[None]:
    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(GARBAGE_OBJECTS)
    yield
    gc.set_threshold(*before)


def looks_after(left: int) -> int:
    """Run as a task does that leaves so many lists, each in a cycle; how often the collector looked at its end."""
    before = gc.get_stats()[2]["collections"]
    for _ in range(left):
        cycle: list[object] = []
        cycle.append(cycle)
    task_postrun.send(sender=None, task_id="1", task=None)
    return int(gc.get_stats()[2]["collections"]) - before


def test_what_a_task_left_in_cycles_is_freed_at_its_end(as_in_a_worker: None) -> None:
    assert looks_after(LEFT_OBJECTS + 100) == 1
    assert gc.get_count()[0] < LEFT_OBJECTS


def test_a_task_that_left_little_costs_no_look(as_in_a_worker: None) -> None:
    assert looks_after(10) == 0
