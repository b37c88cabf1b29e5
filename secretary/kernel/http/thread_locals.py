"""Keep what belongs to one request in variables of its thread.

Django's own are asgiref's, for requests that are tasks of an event loop too: each look at one takes forty times as
long, and a page has some 90 (its language, its connection). Each statement also asks, three times, whether an event
loop runs here. In a web process each request has one thread from its beginning to its end, and none has an event loop
(docs/adr/0072-less-around-each-page.md).
"""

import threading
from types import ModuleType
from typing import Any

from django.conf import LazySettings
from django.db import connections
from django.urls import base
from django.utils import asyncio, timezone
from django.utils.translation import trans_real

# What holds one, and its name there.
PLACES: tuple[tuple[Any, str], ...] = (
    (trans_real, "_active"),  # the language
    (timezone, "_active"),
    (base, "_prefixes"),  # of addresses
    (base, "_urlconfs"),
    (connections, "_connections"),
)
CALLED_BY_EACH_STATEMENT = ("cursor", "create_cursor", "ensure_connection")


def use_thread_locals() -> None:
    """Begin; what this thread has set stays set. Raises AttributeError where Django has no such variable any more."""
    for owner, name in PLACES:
        before, plain = getattr(owner, name), threading.local()
        for key in _keys(owner):
            if hasattr(before, key):
                setattr(plain, key, getattr(before, key))
        setattr(owner, name, plain)


def have_no_event_loop() -> None:
    """Have the methods of connections that each statement calls not look for an event loop in their thread."""
    for kind in {type(connection) for connection in connections.all()}:
        for name in CALLED_BY_EACH_STATEMENT:
            method = getattr(kind, name)
            if method.__code__.co_filename == asyncio.__file__:  # Django's wrapper, and no other one
                setattr(kind, name, method.__wrapped__)


def find_settings_at_once() -> None:
    """Find a setting that was looked at before as any attribute is found: Django's look, of which a page has some 90,
    asks each time whether it has found a method of its own."""
    LazySettings.__getattribute__ = object.__getattribute__  # type: ignore[method-assign]


def _keys(owner: Any) -> tuple[str, ...]:
    """Return what can be set: Django's modules name it `value`, the connections have their aliases."""
    return ("value",) if isinstance(owner, ModuleType) else tuple(owner)
