"""EACH: handle rows apart. One row that raises keeps no other row from being done.

Every loop over rows that foreign data, a server or a setting can spoil runs through here: the row that raised is passed
to `on_failure`, which stores its pause and raises an alarm, and the next row goes on.
"""

import logging
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db import Error as DatabaseTrouble
from django.db import connection, transaction

from secretary.kernel.database.outage import is_outage
from secretary.kernel.log_ids import Ids, bound

logger = logging.getLogger(__name__)
T = TypeVar("T")
NO_IDS: Ids = {}

# SQLSTATE: serialisation failure, deadlock, lock and statement time-outs. The same row will succeed a moment later.
PASSING = ("40001", "40P01", "55P03", "57014")


def for_each_apart(
    rows: Iterable[T],
    do: Callable[[T], object],
    *,
    what: str,
    on_failure: Callable[[T, Exception], object],
    ids: Callable[[T], Ids] = lambda _: NO_IDS,
) -> int:
    """Do each row. Returns how many did not raise. `what` names the loop in the log, `ids` the row: no personal data.

    A row has its own transaction: that of `do`, or a savepoint where the caller is in one already. Raises only what no
    other row could survive: an outage of the database, and the end of the task's time.
    """
    done = 0
    for row in rows:
        with bound(**ids(row)):
            done += _is_done(row, do, what, on_failure)
    return done


def _is_done(row: T, do: Callable[[T], object], what: str, on_failure: Callable[[T, Exception], object]) -> bool:
    try:
        in_own_transaction(partial(do, row))
    except Exception as error:
        if ends_everything(error):
            raise
        logger.error("%s: a row is skipped: %s at %s", what, type(error).__name__, place_of(error))
        in_own_transaction(partial(on_failure, row, error))
        return False
    return True


def in_own_transaction(do: Callable[[], object]) -> None:
    """Do one row. What it changed in an open transaction is undone where it raises; outside of one `do` opens its own,
    or none."""
    if connection.in_atomic_block:
        with transaction.atomic():
            do()
    else:
        do()


def place_of(error: BaseException) -> str:
    """File and line where it was raised: the log gets these, since an error's own words may quote a person's data."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "-"


def ends_everything(error: Exception) -> bool:
    """Return whether going on with another row makes no sense."""
    return isinstance(error, SoftTimeLimitExceeded) or is_outage(error)


def is_passing(error: BaseException) -> bool:
    """Return whether the database gave up on this attempt, and not on what was attempted."""
    return isinstance(error, DatabaseTrouble) and getattr(error.__cause__, "pgcode", None) in PASSING
