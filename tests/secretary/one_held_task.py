"""The workers' Celery app with one task more, which lasts until the test lets it end."""

import logging
import os
import time
from pathlib import Path

from secretary.celery import app

__all__ = ["app"]


@app.task(name="tests.hold", queue="notices")
def hold(number: int) -> None:
    folder = Path(os.environ["HELD_TASKS"])
    logging.getLogger("tests").warning("held: %d", number)
    (folder / f"began-{number}").touch()
    while not (folder / "let-go").exists():
        time.sleep(0.02)
    (folder / f"done-{number}").touch()
