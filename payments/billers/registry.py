"""Find the billers' protocols: every module of this folder that names its `ADAPTER` class and its `env_names`."""

from collections.abc import Mapping
from functools import cache
from types import ModuleType

from payments import billers as folder
from payments.billers.contract import Biller
from secretary.kernel.adapters.config import MissingSetting
from secretary.kernel.adapters.discovery import adapter_modules

__all__ = ["MissingSetting", "build", "env_names", "missing"]


class UnknownProtocol(LookupError):
    """No module of that name; the message lists those there are."""


def env_names(protocol: str, agency_code: str) -> tuple[str, ...]:
    """Return the environment variables that the biller of this agency needs."""
    names: tuple[str, ...] = _module(protocol).env_names(agency_code)
    return names


def missing(protocol: str, env: Mapping[str, str], *, agency_code: str) -> list[str]:
    return [name for name in env_names(protocol, agency_code) if not env.get(name)]


def build(protocol: str, env: Mapping[str, str], *, agency_code: str, allow_private: bool = False) -> Biller:
    """Return the biller of an agency, once per thread. `allow_private`: it may be a machine of our own network.

    Raises UnknownProtocol, MissingSetting, ValueError (a secret that is none).
    """
    for name in missing(protocol, env, agency_code=agency_code):
        raise MissingSetting(name)
    biller: Biller = _module(protocol).ADAPTER.from_env(env, agency_code=agency_code, allow_private=allow_private)
    return biller


def _module(name: str) -> ModuleType:
    try:
        return _modules()[name]
    except KeyError:
        raise UnknownProtocol(f"no biller protocol {name!r}; there are {sorted(_modules())}") from None


@cache
def _modules() -> Mapping[str, ModuleType]:
    return adapter_modules(folder)
