"""Find the payment providers: every module of this folder that names its `ADAPTER` class and its `Config`.

A module with a `PORT` instead is known and documented, and cannot be chosen (giro.py states why).
"""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import ModuleType

from payments import providers as folder
from payments.providers.contract import Provider
from secretary.kernel.adapters import config
from secretary.kernel.adapters.config import EnvName, MissingSetting
from secretary.kernel.adapters.discovery import adapter_modules
from secretary.kernel.adapters.timing import USUAL, Timing

__all__ = ["EnvName", "MissingSetting", "build", "env_names", "missing", "ports", "providers", "test_settings"]


class UnknownProvider(LookupError):
    """No provider module of that name; the message lists those there are."""


@cache
def providers() -> Mapping[str, type[Provider]]:
    """Return module name (`toss_payments`, …) → provider class."""
    return {name: module.ADAPTER for name, module in _modules().items()}


@cache
def ports() -> Mapping[str, type[Provider]]:
    """Return module name → class of a provider whose protocol is not public."""
    found = [import_module(f"{folder.__name__}.{item.name}") for item in pkgutil.iter_modules(folder.__path__)]
    return {module.__name__.rpartition(".")[2]: module.PORT for module in found if hasattr(module, "PORT")}


def env_names(name: str) -> tuple[EnvName, ...]:
    """Return the environment variables that this provider reads, for a system check and for `.env.example`."""
    return config.names(_module(name).Config)


def missing(name: str, env: Mapping[str, str]) -> list[str]:
    """Return the required variables that `env` lacks; empty when `build` would work."""
    return [item.name for item in env_names(name) if item.required and not env.get(item.name)]


def test_settings(name: str, env: Mapping[str, str]) -> list[str]:
    """Return the variables that hold the vendor's test keys or test server: no money would move."""
    return [item for item, starts in _module(name).TEST_VALUES.items() if env.get(item, "").startswith(starts)]


def build(name: str, env: Mapping[str, str], *, timing: Timing = USUAL) -> Provider:
    """Make a provider, once per process. `env`: all environment variables; each provider takes its own.

    Raises UnknownProvider, MissingSetting.
    """
    module = _module(name)
    provider: Provider = module.ADAPTER(config.load(module.Config, env), timing=timing)
    return provider


def _module(name: str) -> ModuleType:
    try:
        return _modules()[name]
    except KeyError:
        raise UnknownProvider(f"no payment provider {name!r}; there are {sorted(_modules())}") from None


@cache
def _modules() -> Mapping[str, ModuleType]:
    return adapter_modules(folder)
