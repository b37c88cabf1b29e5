"""Compile a template once, select the lines that are sent, and fill them in one pass: about 1 µs; values are never
executed.

Placeholders have Kakao's form `#{이름}`; `#{이름|이/가}` adds the particle that fits the value. One rule selects lines:
a line is sent where all its values exist and all its conditions hold. So the message of a record without a telephone
number has no line about it, on every channel. The remaining text is a variant; a vendor approves each.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, Final

from secretary.kernel.korean.korean import clean_text, with_particle
from secretary.kernel.korean.particles import PAIRS
from secretary.kernel.time.working_days import declared
from subscriptions.message_templates.conditions import (
    MARK,
    BadCondition,
    Condition,
    Facts,
    ages,
    facts_of,
    read_condition,
)
from subscriptions.specs import FieldSpec

PLACEHOLDER: Final = re.compile(r"#\{([^#{}]*)\}")
NAME: Final = re.compile(r"[가-힣A-Za-z][가-힣A-Za-z0-9 ]{0,29}")
MOST_KEPT: Final = 4096  # the records of a day have the same few deadlines and states
_NOTHING: Final[Facts] = {}

Shown = tuple[int, int]  # the lines of the title, and of the text


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
    _names: tuple[str, ...] = field(init=False, repr=False, compare=False)  # by their names in the vendor's template

    def __post_init__(self) -> None:
        names = tuple(slot.name for slot in self.slots)
        object.__setattr__(self, "placeholders", tuple(dict.fromkeys(names)))
        plain = len(names) > 1 and not any(slot.pair for slot in self.slots)
        object.__setattr__(self, "_plain", itemgetter(*names) if plain else None)
        object.__setattr__(self, "_pairs", tuple((slot.name, slot.pair) for slot in self.slots))
        object.__setattr__(self, "_names", tuple(slot.vendor_name for slot in self.slots))
        object.__setattr__(self, "_format", "%s".join(part.replace("%", "%%") for part in self.literals))

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text with every placeholder replaced once; a value is never read as a template itself.

        Raises MissingValue. Values without a placeholder are ignored.
        """
        return self.filled_with(self.in_place(values))

    def keyed(self, values: Mapping[str, str]) -> dict[str, str]:
        """Return filled values by the names of the vendor's template (`vendor_text`). Raises MissingValue."""
        return self.keyed_with(self.in_place(values))

    def in_place(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Return what stands in each slot, with its particle. Raises MissingValue."""
        try:
            if self._plain is not None:
                return self._plain(values)
            return tuple([with_particle(values[name], pair) if pair else values[name] for name, pair in self._pairs])
        except KeyError as missing:
            raise MissingValue(missing.args[0]) from None

    def filled_with(self, in_place: tuple[str, ...]) -> str:
        return self._format % in_place if in_place else self.text

    def keyed_with(self, in_place: tuple[str, ...]) -> dict[str, str]:
        return dict(zip(self._names, in_place, strict=True))

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


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its text without its conditions, these, and the placeholders that it needs."""

    text: str
    conditions: tuple[Condition, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Lines:
    """A compiled template. A selection of lines is a number: bit n is line n."""

    lines: tuple[Line, ...]
    _variants: dict[int, Compiled] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def all_shown(self) -> int:
        return (1 << len(self.lines)) - 1

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(condition for line in self.lines for condition in line.conditions)

    @cached_property
    def _needed_by(self) -> Mapping[str, int]:
        """Return placeholder → the lines that are left out without its value."""
        found: dict[str, int] = {}
        for at, line in enumerate(self.lines):
            for name in line.needs:
                found[name] = found.get(name, 0) | 1 << at
        return found

    @cached_property
    def _depends(self) -> bool:
        """Return whether any line may be left out."""
        return bool(self._needed_by or self._conditional)

    @cached_property
    def _conditional(self) -> tuple[tuple[int, tuple[Condition, ...]], ...]:
        return tuple((1 << at, line.conditions) for at, line in enumerate(self.lines) if line.conditions)

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for line in self.lines for name in line.needs))

    def shown(self, values: Mapping[str, str], facts: Facts = _NOTHING) -> int:
        """Return the lines that are sent with these values: "" is no value. `fill` raises for a placeholder that is not
        given at all."""
        shown = self.all_shown
        if not self._depends:
            return shown
        # Called once for every notice: only missing values, and lines with conditions, cost time
        if "" in values.values():
            for name, value in values.items():
                if value == "":
                    shown &= ~self._needed_by.get(name, 0)
        for line, conditions in self._conditional:
            if shown & line:
                for condition in conditions:
                    if not condition.holds(facts):
                        shown &= ~line
                        break
        return shown

    def variant(self, shown: int) -> Compiled:
        """Return the template with these lines; where some are left out, no two empty lines remain together."""
        known = self._variants.get(shown)
        if known is None:
            known = self._variants[shown] = compile_template(self._text(shown))
        return known

    def pick(self, values: Mapping[str, str], facts: Facts = _NOTHING) -> Compiled:
        return self.variant(self.shown(values, facts))

    def fill(self, values: Mapping[str, str], facts: Facts = _NOTHING) -> str:
        """Return the text with these values. Raises MissingValue."""
        return self.pick(values, facts).fill(values)

    def _text(self, shown: int) -> str:
        texts = [line.text for at, line in enumerate(self.lines) if shown >> at & 1]
        if shown == self.all_shown:
            return "\n".join(texts)
        kept = [text for at, text in enumerate(texts) if text.strip() or at == 0 or texts[at - 1].strip()]
        return "\n".join(kept).strip("\n")


@lru_cache(maxsize=4096)
def compile_lines(text: str) -> Lines:
    """Compile `text`, cleaned and in NFC. Raises BadPlaceholder. Cached: templates are few."""
    return Lines(tuple(_read_line(line) for line in clean_text(text).split("\n")))


def _read_line(line: str) -> Line:
    conditions: list[Condition] = []
    rest = line
    while found := MARK.match(rest):
        try:
            conditions.append(read_condition(found.group(1)))
        except BadCondition:
            raise BadPlaceholder(found.group(1), "condition") from None
        rest = rest[found.end() :].lstrip(" ")
    if found := MARK.search(rest):
        raise BadPlaceholder(found.group(1), "condition_place")
    return Line(rest, tuple(conditions), compile_template(rest).placeholders)


@dataclass(frozen=True, slots=True)
class Choice:
    """A template's lines, and what has been chosen from them: once for all records that agree in what it depends on."""

    title: Lines
    body: Lines
    asked: tuple[FieldSpec, ...]  # the fields that conditions use
    _all: Shown | None = field(init=False, repr=False)  # what is chosen where no value is missing; None: it depends
    _may_keep: bool = field(init=False, repr=False)  # what an agency writes about a person is not kept
    _kept: dict[tuple[object, ...], Shown] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        is_fixed = not (self.title.conditions or self.body.conditions)
        object.__setattr__(self, "_all", (self.title.all_shown, self.body.all_shown) if is_fixed else None)
        object.__setattr__(self, "_may_keep", all(item.type != "text" for item in self.asked))

    def lines(
        self,
        values: Mapping[str, str],
        payload: Mapping[str, Any],
        *,
        day: date,
        born: date | None = None,
        days_left: int | None = None,
    ) -> Shown:
        """Return the lines that a record shows on the KST day `day`; `values` as they are filled in."""
        complete = "" not in values.values()
        if complete and self._all is not None:
            return self._all
        if not self._may_keep:
            return self._chosen(values, facts_of(self.asked, payload, day=day, born=born, days_left=days_left))
        absent = () if complete else tuple([name for name, value in values.items() if value == ""])
        aged = None if born is None else ages(born, day)
        # What is declared a holiday moves the end of a deadline.
        key = (absent, day, days_left, aged, declared(), *[payload.get(item.name) for item in self.asked])
        shown = self._kept.get(key)
        if shown is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            facts = facts_of(self.asked, payload, day=day, born=born, days_left=days_left)
            shown = self._kept[key] = self._chosen(values, facts)
        return shown

    def _chosen(self, values: Mapping[str, str], facts: Facts) -> Shown:
        return self.title.shown(values, facts), self.body.shown(values, facts)
