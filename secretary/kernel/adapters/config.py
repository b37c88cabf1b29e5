"""Declare the environment variables of an adapter: a dataclass of `setting(…)` fields."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar

ConfigT = TypeVar("ConfigT")


@dataclass(frozen=True, slots=True)
class EnvName:
    name: str
    required: bool


class MissingSetting(Exception):
    """An environment variable that an adapter cannot do without is unset or empty."""


def setting(env: str, default: str | None = None) -> Any:
    """Return a `Config` field read from the variable `env`; without a default it is required. Never in a repr."""
    metadata = {"env": env}
    if default is None:
        return field(metadata=metadata, repr=False)
    return field(default=default, metadata=metadata, repr=False)


def names(config_class: type) -> tuple[EnvName, ...]:
    return tuple(EnvName(f.metadata["env"], f.default is MISSING) for f in fields(config_class))


def load(config_class: type[ConfigT], env: Mapping[str, str]) -> ConfigT:
    """Build a `Config` from variables; empty counts as unset. Raises MissingSetting with its name."""
    values = {}
    for item in fields(config_class):  # type: ignore[arg-type]
        name = item.metadata["env"]
        if env.get(name):
            values[item.name] = env[name]
        elif item.default is MISSING:
            raise MissingSetting(name)
    return config_class(**values)
