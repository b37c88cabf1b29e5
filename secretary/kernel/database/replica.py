"""Read from a replica what may be some seconds old: whole views, with all statements in them, those of SQL too.

The primary is read instead while no replica is set or it is behind by more than REPLICA_LAG_SECONDS, by a person whose
own last write it has not replayed yet, and once more where the replica fails or has not found what is asked for. How
far it has replayed is asked once a second in each process, as a position in the database's log: no clock counts.

docs/adr/0062-reads-of-a-replica.md.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.http import Http404, HttpRequest, HttpResponse

from secretary.kernel.database.retry import sqlstate

logger = logging.getLogger(__name__)
REPLICA = "replica"
WROTE = "wrote_at"  # in the session: the log's position after this browser's last write
CHECK_SECONDS, PAUSE_SECONDS = 1.0, 5.0
POSITION = "SELECT pg_current_wal_lsn() - '0/0'"
# It refuses to write; and what was read was changed meanwhile by what it replays.
NO_FAULT = ("25006", "40001")
REPLAYED = (
    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0'::pg_lsn"
)
View = Callable[..., HttpResponse]


class Standing:
    """What this process knows of the replica."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._positions: deque[tuple[float, int]] = deque()  # of the primary, that the replica has not replayed yet
        self._caught_up_at = self._next_check = float("-inf")
        self._replayed = 0

    def is_fresh(self, *, after: int) -> bool:
        """Return whether the replica may be read, by a person whose last write was at that position."""
        now = time.monotonic()
        if now >= self._next_check and self._lock.acquire(blocking=False):
            try:
                self._next_check = now + CHECK_SECONDS
                self._check(now)
            except (DatabaseError, InterfaceError) as error:
                self.pause(error)
            finally:
                self._lock.release()
        return after <= self._replayed and now - self._caught_up_at <= settings.REPLICA_LAG_SECONDS

    def pause(self, error: Exception) -> None:
        """Leave the replica alone for some seconds."""
        logger.warning("the replica is not read for %.0f s: %s", PAUSE_SECONDS, type(error).__name__)
        connections[REPLICA].close()
        self._caught_up_at, self._next_check = float("-inf"), time.monotonic() + PAUSE_SECONDS

    def _check(self, now: float) -> None:
        self._positions.append((now, _number(DEFAULT_DB_ALIAS, POSITION)))
        self._replayed = _number(REPLICA, REPLAYED)
        while self._positions and self._positions[0][1] <= self._replayed:
            self._caught_up_at, _ = self._positions.popleft()


standing = Standing()


def from_replica(view: View) -> View:
    """Decorate a view that only reads."""

    @wraps(view)
    def reading(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.REPLICA_URL or not standing.is_fresh(after=request.session.get(WROTE, 0)):
            return view(request, *args, **kwargs)
        try:
            with _on_replica():
                return view(request, *args, **kwargs)
        except Http404:
            logger.info("a page that the replica does not have is looked for in the primary")
        except (DatabaseError, InterfaceError) as error:
            if sqlstate(error) not in NO_FAULT:
                standing.pause(error)
        response = view(request, *args, **kwargs)
        note_write(request)  # as a page that opens a person's new bills does
        return response

    return reading


def note_writes(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: who has just changed something reads the primary until the replica has it too. Without one there is
    nothing to note, and no such step in the way of a request."""
    if not settings.REPLICA_URL:
        raise MiddlewareNotUsed

    def noted(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            note_write(request)
        return response

    return noted


def note_write(request: HttpRequest) -> None:
    """Call it in a view that writes although it was only asked for a page."""
    if settings.REPLICA_URL and not request.session.is_empty():
        request.session[WROTE] = _number(DEFAULT_DB_ALIAS, POSITION)


@contextmanager
def _on_replica() -> Iterator[None]:
    """Whatever this thread asks "the" database is asked of the replica."""
    primary = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[REPLICA]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = primary


def _number(alias: str, statement: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])
