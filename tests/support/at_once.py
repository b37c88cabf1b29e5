"""Jobs that race each other, each in a thread with a connection of its own, started together."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

SECONDS = 120  # after which a job that hangs fails the test
Job = Callable[[], Any]


def at_once(*jobs: Job) -> list[Any]:
    """What each returned, in their order. Raises what one of them raised."""
    ended = outcomes_at_once(*jobs)
    for each in ended:
        if isinstance(each, BaseException):
            raise each
    return ended


def outcomes_at_once(*jobs: Job) -> list[Any]:
    """What each returned or raised, in their order."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Job) -> Any:
        try:
            connection.ensure_connection()
            barrier.wait(SECONDS)
            return job()
        except BaseException as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [running.result(SECONDS) for running in [pool.submit(run, job) for job in jobs]]
