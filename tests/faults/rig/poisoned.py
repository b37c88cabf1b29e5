"""The workers' Celery app with a worm in it: composing the record that POISON names kills the process."""

import os
import signal
from typing import Any

from celery.signals import worker_process_init

from secretary.celery import app

__all__ = ["app"]


@worker_process_init.connect
def poison(**_: Any) -> None:
    from notifications.delivery import deliver

    compose, compose_many = deliver.compose, deliver.compose_many  # type: ignore[attr-defined]

    def deadly(attempt: Any, **more: Any) -> Any:
        die_of(attempt)
        return compose(attempt, **more)

    def deadly_together(attempts: Any, codes: Any, **more: Any) -> Any:
        for attempt in attempts:
            die_of(attempt)
        return compose_many(attempts, codes, **more)

    deliver.compose = deadly  # type: ignore[attr-defined]
    deliver.compose_many = deadly_together  # type: ignore[attr-defined]


def die_of(attempt: Any) -> None:
    if attempt.external_id == os.environ["POISON"]:
        os.kill(os.getpid(), signal.SIGKILL)
