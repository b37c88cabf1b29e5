"""IN HALVES: carry out the two halves of a large statement at the same time, each in a session of its own.

PostgreSQL runs an INSERT in one process, however many cores it has; the scan of a day is one such statement.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from django.db import connection

# Numbers of records that follow each other are in the same pages of tables and indexes: halves take turns by so many.
IN_A_ROW = 1024
# Of a record `r`; `left_out`: the half that a statement leaves to another, none where it is NULL. Written so that the
# planner expects all rows: an equation it takes for one row in two hundred.
IN_THIS_HALF = f"(r.id / {IN_A_ROW} %% 2 = 1) IS DISTINCT FROM %(left_out)s"


def in_halves(work: Callable[[bool], int]) -> int:
    """Do `work(True)` here and `work(False)` in a thread meanwhile; return the sum of both.

    Each commits by itself: where one fails, what the other has done stays, and its error is raised.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="half") as thread:
        other = thread.submit(copy_context().run, _alone, work)
        done = work(True)
    return done + other.result()


def _alone(work: Callable[[bool], int]) -> int:
    try:
        return work(False)
    finally:
        connection.close()  # this thread's own
