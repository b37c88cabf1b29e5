"""Declare the settings of a connector: a frozen dataclass made of `option(…)` fields."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar

from notifications.sources.contract import SourceRefused

ConfigT = TypeVar("ConfigT")


@dataclass(frozen=True, slots=True)
class Option:
    """One setting, for forms and documentation. `kind`: str, int, float, bool or Mapping (text to text)."""

    name: str
    kind: str
    required: bool
    default: Any
    meaning: str


class BadSetting(SourceRefused):
    """A feed's settings are incomplete or wrong; the detail names the setting, never a secret's value."""

    def __init__(self, detail: str) -> None:
        super().__init__("bad_setting", detail)


def option(meaning: str, default: Any = MISSING) -> Any:
    """Return a `Config` field; without a default it is required."""
    metadata = {"meaning": meaning}
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def options(config_class: type) -> list[Option]:
    return [
        Option(item.name, _kind(item.type), _required(item), _default(item), item.metadata["meaning"])
        for item in fields(config_class)
    ]


def load(config_class: type[ConfigT], settings: Mapping[str, Any]) -> ConfigT:
    """Build a `Config` from a feed's JSON settings. Raises BadSetting."""
    known = {item.name: item for item in options(config_class)}
    unknown = sorted(set(settings) - set(known))
    if unknown:
        raise BadSetting(f"unknown setting {unknown[0]!r}; there are {', '.join(sorted(known))}")
    for item in known.values():
        if item.required and item.name not in settings:
            raise BadSetting(f"{item.name} is missing: {item.meaning}")
    return config_class(**{name: _checked(known[name], value) for name, value in settings.items()})


def positive(config: Any, *names: str) -> None:
    """Check in a `Config`'s `__post_init__` that these numbers are at least 1. Raises BadSetting."""
    for name in names:
        if getattr(config, name) < 1:
            raise BadSetting(f"{name} is at least 1")


def _kind(annotation: Any) -> str:
    return "Mapping" if getattr(annotation, "__origin__", None) is not None else str(annotation.__name__)


def _required(item: Any) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _default(item: Any) -> Any:
    if _required(item):
        return None
    return item.default if item.default is not MISSING else item.default_factory()


def _checked(item: Option, value: Any) -> Any:
    if item.kind == "Mapping":
        if isinstance(value, Mapping) and all(isinstance(part, str) for pair in value.items() for part in pair):
            return dict(value)
    elif item.kind == "float" and type(value) is int:
        return float(value)
    elif type(value).__name__ == item.kind:
        return value
    raise BadSetting(f"{item.name} is of type {item.kind}: {item.meaning}")
