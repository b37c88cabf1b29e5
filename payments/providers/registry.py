"""Finds the providers: every module of this folder that names its `ADAPTER` class."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from payments import providers as folder
from payments.providers.contract import Provider


class UnknownProvider(LookupError):
    """No provider module of that name; the message lists those there are."""


@cache
def providers() -> Mapping[str, Any]:
    """Module name (`toss_payments`, …) → adapter class with `from_env(env)`."""
    modules = (import_module(f"{folder.__name__}.{item.name}") for item in pkgutil.iter_modules(folder.__path__))
    return {m.__name__.rpartition(".")[2]: m.ADAPTER for m in modules if hasattr(m, "ADAPTER")}


def build(name: str, env: Mapping[str, str]) -> Provider:
    """Make a provider from the environment's variables. Raises UnknownProvider."""
    if name not in providers():
        raise UnknownProvider(f"no payment provider {name!r}; there are {sorted(providers())}")
    made: Provider = providers()[name].from_env(env)
    return made
