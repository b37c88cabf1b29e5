"""Keep what belongs to one request in variables of its thread.

Django's own are asgiref's, for requests that are tasks of an event loop too: each look at one takes forty times as
long, and a page has some 90 (its language, its connection). In a web process each request has one thread from its
beginning to its end, and none has an event loop (docs/adr/0072-less-around-each-page.md).
"""

import threading
from types import ModuleType
from typing import Any

from django.db import connections
from django.urls import base
from django.utils import timezone
from django.utils.translation import trans_real

# What holds one, and its name there.
PLACES: tuple[tuple[Any, str], ...] = (
    (trans_real, "_active"),  # the language
    (timezone, "_active"),
    (base, "_prefixes"),  # of addresses
    (base, "_urlconfs"),
    (connections, "_connections"),
)


def use_thread_locals() -> None:
    """Begin; what this thread has set stays set. Raises AttributeError where Django has no such variable any more."""
    for owner, name in PLACES:
        before, plain = getattr(owner, name), threading.local()
        for key in _keys(owner):
            if hasattr(before, key):
                setattr(plain, key, getattr(before, key))
        setattr(owner, name, plain)


def _keys(owner: Any) -> tuple[str, ...]:
    """Return what can be set: Django's modules name it `value`, the connections have their aliases."""
    return ("value",) if isinstance(owner, ModuleType) else tuple(owner)
