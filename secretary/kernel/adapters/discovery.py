"""Find adapters: every module of a folder that names its `ADAPTER` class."""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType


def adapter_modules(package: ModuleType) -> Mapping[str, ModuleType]:
    """Return module name → module, of those with an `ADAPTER`."""
    found = [import_module(f"{package.__name__}.{item.name}") for item in pkgutil.iter_modules(package.__path__)]
    return {module.__name__.rpartition(".")[2]: module for module in found if hasattr(module, "ADAPTER")}
