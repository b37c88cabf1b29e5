"""Every connection that the database has is taken."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import psycopg2

from tests.faults.rig.service import CUT, PATIENCE, Service


@contextmanager
def no_connection_left(service: Service) -> Iterator[None]:
    """All connections are ended, and each one that becomes free is taken before others get it."""
    full, over = threading.Event(), threading.Event()
    with closing(psycopg2.connect(service.postgres.owner_url())) as ours, ours.cursor() as cursor, ExitStack() as taken:
        ours.autocommit = True  # inside a transaction, the sessions would stay as they were first seen
        taker = threading.Thread(target=_keep_taking, args=(service, taken, full, over))
        taker.start()
        try:
            assert full.wait(PATIENCE)
            service.wait_until(lambda: _no_other_session_is_in(cursor))
            yield
        finally:
            over.set()
            taker.join()


def _keep_taking(service: Service, taken: ExitStack, full: threading.Event, over: threading.Event) -> None:
    """As many as there are, for as long as it lasts. They are of another database: CUT leaves them alone."""
    while not over.is_set():
        try:
            taken.enter_context(closing(psycopg2.connect(service.postgres.owner_url("postgres"))))
        except psycopg2.OperationalError:
            full.set()
            over.wait(0.002)


def _no_other_session_is_in(cursor: psycopg2.extensions.cursor) -> bool:
    """After a moment: connections opened before the taker's are ended again."""
    cursor.execute(CUT)
    sent_out = cursor.rowcount
    time.sleep(0.2)
    return sent_out == 0
