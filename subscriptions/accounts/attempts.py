"""Limit codes and tries, counted in the database. The limits fail closed: without the database nothing is allowed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings

from secretary.kernel.persons.blind_index import blind_index
from subscriptions.models.attempt import Attempt


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times within windows of `seconds`, which start at round times."""

    name: str
    most: int
    seconds: int

    def window(self, now: datetime) -> datetime:
        epoch = int(now.timestamp())
        return datetime.fromtimestamp(epoch - epoch % self.seconds, UTC)


class TooMany(Exception):
    """A limit was reached. `until`: the end of its window, from which another try is possible."""

    def __init__(self, limit: Limit, until: datetime) -> None:
        super().__init__(limit.name)
        self.limit, self.until = limit, until


def count(limits: Mapping[str, str], *, now: datetime) -> None:
    """Count one attempt for every limit named in `limits` (name → subject: a number, an address, a session).

    All are counted even when one is reached: probing one limit uses up the others too. Raises TooMany.
    """
    reached: list[Limit] = []
    for name, key in limits.items():
        limit = Limit(name, *settings.ATTEMPT_LIMITS[name])
        times = Attempt.count_one_more(what=name, key_hash=_hashed(name, key), window_start=limit.window(now))
        if times > limit.most:
            reached.append(limit)
    if reached:
        raise _too_many(reached, now)


def count_done(limits: Mapping[str, str], *, now: datetime) -> None:
    """Count an action that `refuse_at_limit` allowed, after it was done. Refuses nothing."""
    for name, key in limits.items():
        window = Limit(name, *settings.ATTEMPT_LIMITS[name]).window(now)
        Attempt.count_one_more(what=name, key_hash=_hashed(name, key), window_start=window)


def refuse_at_limit(limits: Mapping[str, str], *, now: datetime) -> None:
    """Raise TooMany where one of these limits is used up. Counts nothing: `count_done` does, after the action.

    Several concurrent actions may pass together; their earlier counts bound how many.
    """
    keyed = {name: (Limit(name, *settings.ATTEMPT_LIMITS[name]), key) for name, key in limits.items()}
    reached = [limit for name, (limit, key) in keyed.items() if times_in_window(name, key, now=now) >= limit.most]
    if reached:
        raise _too_many(reached, now)


def times_in_window(name: str, key: str, *, now: datetime) -> int:
    """Return how often this was counted in the present window."""
    window = Limit(name, *settings.ATTEMPT_LIMITS[name]).window(now)
    return Attempt.times(what=name, key_hash=_hashed(name, key), window_start=window)


def _too_many(reached: Sequence[Limit], now: datetime) -> TooMany:
    longest = max(reached, key=lambda limit: limit.seconds)
    return TooMany(longest, longest.window(now) + timedelta(seconds=longest.seconds))


def _hashed(name: str, key: str) -> bytes:
    return blind_index(f"attempt:{name}", key)
