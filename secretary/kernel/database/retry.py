"""Retry a transaction that another one has blocked: a deadlock, a failed serialisation, a row made meanwhile.

The database has rolled the transaction back, so nothing of the first try is left; what was to happen on commit has not
happened. Only the outermost transaction can be tried again, therefore nothing is repeated inside another one.
"""

import logging
import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, connection

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
TRIES = 3
PAUSE_SECONDS = 0.05  # before the second try; doubles, and up to as much again by chance, so that two do not meet again
DEADLOCK, SERIALISATION, UNIQUE = "40P01", "40001", "23505"
LOCK_TIMEOUT, STATEMENT_TIMEOUT = "55P03", "57014"
AGAIN = (DEADLOCK, SERIALISATION, UNIQUE)


class Busy(Exception):
    """Each attempt was blocked by others, or a lock was waited for too long. Nothing is written; try again later."""


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's code of an error; "" where no server spoke."""
    return str(getattr(error.__cause__, "pgcode", None) or "")


def is_busy(error: BaseException | None) -> bool:
    """Return whether others blocked it and a retry may succeed in a moment, wherever it was raised."""
    waited = (DEADLOCK, SERIALISATION, LOCK_TIMEOUT, STATEMENT_TIMEOUT)
    return isinstance(error, Busy) or (isinstance(error, DatabaseError) and sqlstate(error) in waited)


def retried(deed: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function that is one whole transaction: up to 3 tries, then Busy.

    Put it outside of `@transaction.atomic`. A lock or a statement that took too long (the time-outs of the connection)
    is Busy at once: it has been waited for already.
    """

    @wraps(deed)
    def until_done(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return deed(*args, **kwargs)
        for number in range(1, TRIES + 1):
            try:
                return deed(*args, **kwargs)
            except DatabaseError as error:
                _pause_or_give_up(error, deed.__qualname__, number)
        raise AssertionError("the last try returns or raises")

    return until_done


def _pause_or_give_up(error: DatabaseError, name: str, number: int) -> None:
    """Wait for the next try. Raises Busy after the last one, and what no second try can mend."""
    code = sqlstate(error)
    if code in (LOCK_TIMEOUT, STATEMENT_TIMEOUT) or (code in AGAIN and number == TRIES):
        log.warning("%s gives up after %s attempts: %s %s", name, number, code, _constraint(error))
        raise Busy(code) from error
    if code not in AGAIN:
        raise error
    log.info("%s is retried: %s %s", name, code, _constraint(error))
    pause = PAUSE_SECONDS * 2 ** (number - 1)
    time.sleep(pause + random.uniform(0, pause))  # noqa: S311  (no secret)


def _constraint(error: DatabaseError) -> str:
    """Return the constraint's name, which holds no data, as the message of a unique violation does."""
    return str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or "")
