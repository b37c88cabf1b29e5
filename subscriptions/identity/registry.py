"""Find the identity providers: every module of this folder that names its `ADAPTER` class."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from subscriptions import identity
from subscriptions.identity.contract import IdentityProvider


class UnknownProvider(LookupError):
    """There is no provider module of that name; the message lists the existing ones."""


class MissingSetting(Exception):
    """A required environment variable of the provider is unset or empty; the message names it."""


@cache
def providers() -> Mapping[str, Any]:
    """Return module name (`portone`, …) → adapter class with `from_env(env)`."""
    names = (f"{identity.__name__}.{item.name}" for item in pkgutil.iter_modules(identity.__path__))
    modules = [import_module(name) for name in names]
    return {m.__name__.rpartition(".")[2]: m.ADAPTER for m in modules if hasattr(m, "ADAPTER")}


def build(name: str, env: Mapping[str, str]) -> IdentityProvider:
    """Make a provider from the environment's variables. Raises UnknownProvider, MissingSetting."""
    if name not in providers():
        raise UnknownProvider(f"no identity provider {name!r}; there are {sorted(providers())}")
    try:
        provider: IdentityProvider = providers()[name].from_env(env)
    except KeyError as error:
        raise MissingSetting(str(error.args[0])) from error
    return provider
