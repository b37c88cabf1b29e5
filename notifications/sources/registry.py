"""Find the connectors: every module of this folder that has a `connect` and a `Config`."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from notifications import sources as agencies
from notifications.sources import config
from notifications.sources.config import BadSetting, Option
from notifications.sources.contract import Connector
from notifications.sources.host_key import ForeignHost, HostKey

__all__ = ["BadSetting", "ForeignHost", "HostKey", "Option", "build", "check", "kinds", "options"]


def kinds() -> list[str]:
    """Return the kinds of connectors: http_pull, file_drop, …"""
    return sorted(_modules())


def options(kind: str) -> list[Option]:
    """Return the settings of a feed of this kind, with their descriptions. Raises BadSetting for an unknown kind."""
    return config.options(_module(kind).Config)


def check(kind: str, settings: Mapping[str, Any], secrets: Mapping[str, HostKey]) -> None:
    """Check the settings, and that no secret would be sent to a foreign host. Raises BadSetting."""
    module = _module(kind)
    loaded = config.load(module.Config, settings)
    if hasattr(module, "check"):
        module.check(loaded, secrets)


def build(
    kind: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, HostKey],
    *,
    drop_root: Path | None = None,
    allow_private: bool = False,
) -> Connector:
    """Make the connector of a feed.

    `settings`: the feed's, entered by administrators. `secrets`: by name, such as `service_key`, each with its hosts.
    `drop_root` and `allow_private` belong to the installation and never to a feed: they decide what a feed can reach.
    Without a `drop_root` the caller vouches for the folder in the settings. Raises BadSetting.
    """
    module = _module(kind)
    connector: Connector = module.connect(
        config.load(module.Config, settings), secrets, drop_root=drop_root, allow_private=allow_private
    )
    return connector


def _module(kind: str) -> ModuleType:
    try:
        return _modules()[kind]
    except KeyError:
        raise BadSetting(f"no connector {kind!r}; there are {', '.join(kinds())}") from None


@cache
def _modules() -> Mapping[str, ModuleType]:
    found = (import_module(f"{agencies.__name__}.{item.name}") for item in pkgutil.iter_modules(agencies.__path__))
    return {module.__name__.rpartition(".")[2]: module for module in found if hasattr(module, "connect")}
