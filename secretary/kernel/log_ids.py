"""Bind the ids of request, task and row once, so that each log line of this work has them (logs.py).

Bound for the work and not for a row of a batch: the hot path binds a request or a task, and nothing per notice.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from types import MappingProxyType

Ids = Mapping[str, object]
_NONE: Ids = MappingProxyType({})
_bound: ContextVar[Ids] = ContextVar("log_ids", default=_NONE)


@contextmanager
def bound(**ids: object) -> Iterator[None]:
    """Until the end of the block. Numbers, codes and ids that we made, never a person's data."""
    token = begin(**ids)
    try:
        yield
    finally:
        end(token)


def bind(**ids: object) -> None:
    """Until the end of the request or task that this is part of; nothing where there is none, such as in a shell."""
    if _bound.get() is not _NONE:
        _bound.set({**_bound.get(), **ids})


def begin(**ids: object) -> Token[Ids]:
    """For what begins and ends in two functions; `end` needs the token."""
    return _bound.set({**_bound.get(), **ids})


def end(token: Token[Ids]) -> None:
    _bound.reset(token)


def bound_ids() -> Ids:
    return _bound.get()
