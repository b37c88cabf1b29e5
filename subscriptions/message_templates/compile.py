"""Compile a template once and fill it in one pass: about 1 µs; values are never executed.

Placeholders have Kakao's form `#{이름}`; `#{이름|이/가}` adds the particle that fits the value.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Final

from secretary.kernel.korean.korean import clean_text, with_particle
from secretary.kernel.korean.particles import PAIRS

PLACEHOLDER: Final = re.compile(r"#\{([^#{}]*)\}")
NAME: Final = re.compile(r"[가-힣A-Za-z][가-힣A-Za-z0-9 ]{0,29}")


class BadPlaceholder(ValueError):
    """A `#{…}` that cannot be parsed. `written` is the text between the braces, "" where one is not closed.

    `reason` is one of: unclosed, name, particle.
    """

    def __init__(self, written: str, reason: str) -> None:
        super().__init__(f"{reason}: {written!r}")
        self.written, self.reason = written, reason


class MissingValue(KeyError):
    """A placeholder without a value. The argument is its name."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A placeholder as it was written."""

    key: str  # between the braces: "이름|이/가"
    name: str  # "이름"
    pair: str  # "이/가", "" without a particle

    @property
    def vendor_name(self) -> str:
        """Return its name in a vendor's template: `이름`, or with its particle `이름이`. Vendors have no particles."""
        return f"{self.name}{self.pair.partition('/')[0]}"

    def fill(self, values: Mapping[str, str]) -> str:
        value = values[self.name]
        return with_particle(value, self.pair) if self.pair else value


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template as alternating literals and slots, with a literal at both ends."""

    text: str
    literals: tuple[str, ...]
    slots: tuple[Slot, ...]
    placeholders: tuple[str, ...] = field(init=False)  # names, each once, in order
    _plain: Callable[[Mapping[str, str]], tuple[str, ...]] | None = field(init=False, repr=False, compare=False)
    _pairs: tuple[tuple[str, str], ...] = field(init=False, repr=False, compare=False)
    _format: str = field(init=False, repr=False, compare=False)
    _keys: tuple[tuple[str, str, str], ...] = field(init=False, repr=False, compare=False)
    _names: tuple[str, ...] = field(init=False, repr=False, compare=False)  # by their names in the vendor's template

    def __post_init__(self) -> None:
        names = tuple(slot.name for slot in self.slots)
        object.__setattr__(self, "placeholders", tuple(dict.fromkeys(names)))
        plain = len(names) > 1 and not any(slot.pair for slot in self.slots)
        object.__setattr__(self, "_plain", itemgetter(*names) if plain else None)
        object.__setattr__(self, "_pairs", tuple((slot.name, slot.pair) for slot in self.slots))
        keys = {slot.vendor_name: (slot.vendor_name, slot.name, slot.pair) for slot in self.slots}
        object.__setattr__(self, "_keys", tuple(keys.values()))
        object.__setattr__(self, "_names", tuple(slot.vendor_name for slot in self.slots))
        object.__setattr__(self, "_format", "%s".join(part.replace("%", "%%") for part in self.literals))

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text with every placeholder replaced once; a value is never read as a template itself.

        Raises MissingValue. Values without a placeholder are ignored.
        """
        try:
            if self._plain is not None:
                return self._format % self._plain(values)
            filled = [with_particle(values[name], pair) if pair else values[name] for name, pair in self._pairs]
            return self._format % tuple(filled)
        except KeyError as missing:
            raise MissingValue(missing.args[0]) from None

    def keyed(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return filled values by the names of the vendor's template (`vendor_text`)."""
        try:
            if self._plain is not None:
                return dict(zip(self._names, self._plain(values), strict=True))
            return {key: with_particle(values[name], pair) if pair else values[name] for key, name, pair in self._keys}
        except KeyError as missing:
            raise MissingValue(missing.args[0]) from None

    @property
    def vendor_text(self) -> str:
        """Return the template in a vendor's form: `#{이름|이/가}` becomes the plain variable `#{이름이}`."""
        named = [f"#{{{slot.vendor_name}}}" for slot in self.slots] + [""]
        return "".join(literal + name for literal, name in zip(self.literals, named, strict=True))


@lru_cache(maxsize=4096)
def compile_template(text: str) -> Compiled:
    """Compile `text`, cleaned and in NFC. Raises BadPlaceholder. Cached: templates are few."""
    cleaned = clean_text(text)
    literals: list[str] = []
    slots: list[Slot] = []
    end = 0
    for found in PLACEHOLDER.finditer(cleaned):
        literals.append(cleaned[end : found.start()])
        slots.append(_read_slot(found.group(1)))
        end = found.end()
    literals.append(cleaned[end:])
    if any("#{" in literal for literal in literals):
        raise BadPlaceholder("", "unclosed")
    return Compiled(cleaned, tuple(literals), tuple(slots))


def _read_slot(written: str) -> Slot:
    name, _, pair = written.partition("|")
    if not NAME.fullmatch(name):
        raise BadPlaceholder(written, "name")
    if pair not in PAIRS and written != name:
        raise BadPlaceholder(written, "particle")
    return Slot(written, name, pair)
