"""Select the lines of a template that are sent, by their values and their conditions.

One rule: a line is sent where all its values exist and all its conditions hold. So the message of a record without a
telephone number has no line about it, on every channel. The remaining text is a variant; a vendor approves each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final

from secretary.kernel.korean.korean import clean_text
from subscriptions.message_templates.compile import BadPlaceholder, Compiled, compile_template
from subscriptions.message_templates.conditions import MARK, BadCondition, Condition, Facts, read_condition

_NOTHING: Final[Facts] = {}


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
            if shown & line and not all(condition.holds(facts) for condition in conditions):
                shown &= ~line
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
