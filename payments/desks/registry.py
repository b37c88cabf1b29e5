"""Finds the agencies' desks: every module of this folder that names its `ADAPTER` class."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from payments import desks as folder
from payments.desks.contract import Desk


class UnknownDesk(LookupError):
    """No desk module of that name; the message lists those there are."""


@cache
def desks() -> Mapping[str, Any]:
    """Module name (`http_desk`, …) → adapter class with `from_env(env, agency_code=…)`."""
    modules = (import_module(f"{folder.__name__}.{item.name}") for item in pkgutil.iter_modules(folder.__path__))
    return {m.__name__.rpartition(".")[2]: m.ADAPTER for m in modules if hasattr(m, "ADAPTER")}


def build(protocol: str, env: Mapping[str, str], *, agency_code: str) -> Desk:
    """Make the desk of an agency from the environment's variables. Raises UnknownDesk."""
    if protocol not in desks():
        raise UnknownDesk(f"no desk {protocol!r}; there are {sorted(desks())}")
    made: Desk = desks()[protocol].from_env(env, agency_code=agency_code)
    return made
