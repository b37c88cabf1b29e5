"""The workers' Celery app with a broker that soon takes a task for lost; what is begun is written down in STARTS."""

import os
from pathlib import Path
from typing import Any

from celery.signals import task_prerun

from secretary.celery import app

__all__ = ["app"]

# kombu looks for lost messages every interval × throttle seconds: 100 by default.
IMPATIENT = {"visibility_timeout": 2, "unacked_restore_interval": 1, "unacked_restore_throttle": 1}
app.conf.broker_transport_options = {**app.conf.broker_transport_options, **IMPATIENT}


@task_prerun.connect
def write_down(task_id: str, task: Any, **_: Any) -> None:
    if task.name.startswith("notifications.deliver"):
        with Path(os.environ["STARTS"]).open("a") as file:
            file.write(f"{task_id}\n")
