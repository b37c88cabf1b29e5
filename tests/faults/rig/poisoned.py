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

    compose = deliver.compose  # type: ignore[attr-defined]

    def deadly(attempt: Any, **more: Any) -> Any:
        if attempt.external_id == os.environ["POISON"]:
            os.kill(os.getpid(), signal.SIGKILL)
        return compose(attempt, **more)

    deliver.compose = deadly  # type: ignore[attr-defined]
