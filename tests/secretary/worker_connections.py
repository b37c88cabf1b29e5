"""The workers' Celery app with tasks that say which connection to the database they use, and that break it."""

import os
from pathlib import Path

from django.db import connection

from secretary.celery import app

__all__ = ["app"]


@app.task(name="tests.look", queue="notices")
def look(number: int, break_by: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (found,) = cursor.fetchone()
    (Path(os.environ["LOOKED"]) / str(number)).write_text(f"{found} {connection.in_atomic_block}")
    if break_by == "left open":
        connection.set_autocommit(False)
        connection.in_atomic_block = True
    elif break_by == "ended":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
