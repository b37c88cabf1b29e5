"""Find the channel adapters: every module of this folder that names its `ADAPTER` class and its `Config`."""

from collections.abc import Mapping
from functools import cache
from types import ModuleType

from notifications import channels
from notifications.channels.contract import Channel
from secretary.kernel.adapters import config
from secretary.kernel.adapters.config import EnvName, MissingSetting
from secretary.kernel.adapters.discovery import adapter_modules
from secretary.kernel.adapters.timing import USUAL, Timing

__all__ = ["EnvName", "MissingSetting", "adapters", "build", "env_names", "missing"]


class UnknownAdapter(LookupError):
    """There is no adapter module of that name; the message lists the existing ones."""


@cache
def adapters() -> Mapping[str, type[Channel]]:
    """Return module name (`twilio_sms`, …) → adapter class."""
    return {name: module.ADAPTER for name, module in _modules().items()}


def env_names(module_name: str) -> tuple[EnvName, ...]:
    """Return the environment variables that this adapter reads, for a system check and for `.env.example`."""
    return config.names(_module(module_name).Config)


def missing(module_name: str, env: Mapping[str, str]) -> list[str]:
    """Return the required variables that `env` lacks; empty when `build` would work."""
    return [item.name for item in env_names(module_name) if item.required and not env.get(item.name)]


def build(module_name: str, env: Mapping[str, str], *, callback_url: str = "", timing: Timing = USUAL) -> Channel:
    """Make an adapter, once per process. `env`: all environment variables; each adapter reads its own.

    `callback_url`: where this gateway reports to, `{PUBLIC_BASE_URL}/webhooks/{gateway}/`.
    Raises UnknownAdapter, MissingSetting.
    """
    module = _module(module_name)
    channel: Channel = module.ADAPTER(config.load(module.Config, env), callback_url=callback_url, timing=timing)
    return channel


def _module(name: str) -> ModuleType:
    try:
        return _modules()[name]
    except KeyError:
        raise UnknownAdapter(f"no channel adapter {name!r}; there are {sorted(_modules())}") from None


@cache
def _modules() -> Mapping[str, ModuleType]:
    return adapter_modules(channels)
