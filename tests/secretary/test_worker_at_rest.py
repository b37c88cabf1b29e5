"""A worker's process that does nothing but what comes by the schedule keeps no session of the database meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from celery.signals import task_postrun
from django.db import connection

from secretary import celery

pytestmark = pytest.mark.django_db
SWEEP, OTHER = "notifications.sweep", "notifications.deliver"
Ends = Callable[..., list[bool]]


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Ends:
    """Have tasks of these names use the database and end, one after another; whether each left the session open."""
    monkeypatch.setattr(celery, "_last", {})

    def in_its_process(*names: str) -> list[bool]:
        left = []
        for name in names:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            ended = SimpleNamespace(name=name, request=SimpleNamespace(is_eager=False))
            task_postrun.send(sender=None, task_id="1", task=ended)
            left.append(connection.connection is not None)
        connection.close()
        return left

    def in_a_thread(*names: str) -> list[bool]:
        with ThreadPoolExecutor(1) as thread:  # whose connection is in no test's transaction
            return thread.submit(in_its_process, *names).result(30)

    return in_a_thread


def test_a_sweep_leaves_no_session_where_nothing_else_is_done(ends: Ends) -> None:
    assert ends(SWEEP, SWEEP) == [False, False]


def test_while_there_is_other_work_the_session_is_kept(ends: Ends) -> None:
    assert ends(SWEEP, OTHER, SWEEP, OTHER) == [False, True, True, True]


def test_it_is_let_go_again_when_that_is_over(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(celery, "REST_SECONDS", -1.0)  # as if so long had passed
    assert ends(OTHER, SWEEP) == [True, False]
