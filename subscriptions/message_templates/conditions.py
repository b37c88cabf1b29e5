"""Parse and evaluate conditions of lines of a template: `#{?만나이 75 이상} …` is sent only to people of 75 and over.

They compare facts, which are whole numbers and words: a person's age, the month, the days left, a record's fields. An
unknown fact meets no condition but 없음.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from secretary.kernel.time.clock import KST
from secretary.kernel.time.working_days import moved
from subscriptions.message_templates.values import DAYS_LEFT, read_datetime
from subscriptions.specs import FieldSpec

MARK: Final = re.compile(r"#\{\?([^#{}]*)\}")
AGE, AGE_BY_YEAR, MONTH = "만나이", "연나이", "월"
PERSON_AND_DAY: Final = (AGE, AGE_BY_YEAR, MONTH)  # besides the days left and the fields

Fact = int | tuple[str, ...]  # words: a choice's code and its labels in both languages, or the text itself
Facts = Mapping[str, Fact]

THERE, MISSING, OVER, AHEAD = "있음", "없음", "지남", "남음"
LEAST, MOST, BELOW, ABOVE = "이상", "이하", "미만", "초과"
IS, IS_NOT, HAS, HAS_NOT = "=", "아님", "포함", "미포함"
ABOUT_NUMBERS: Final = (LEAST, MOST, BELOW, ABOVE)
ABOUT_DATES: Final = (OVER, AHEAD)
ABOUT_WORDS: Final = (HAS, HAS_NOT)
_FORMS: Final = (
    re.compile(rf"(?P<name>.+?) +(?P<sign>{THERE}|{MISSING}|{OVER}|{AHEAD})"),
    re.compile(rf"(?P<name>.+?) +(?P<list>\d[\d,]*) ?(?:세|일|월|원)? *(?P<sign>{LEAST}|{MOST}|{BELOW}|{ABOVE})"),
    re.compile(rf"(?P<name>.+?) *(?P<sign>{IS}) *(?P<list>[^=]+)"),
    re.compile(rf"(?P<name>.+?) +(?P<sign>{IS_NOT}|{HAS}|{HAS_NOT}) +(?P<list>.+)"),
)
_COMPARE: Final[dict[str, Callable[[int, int], bool]]] = {
    LEAST: lambda value, bound: value >= bound,
    MOST: lambda value, bound: value <= bound,
    BELOW: lambda value, bound: value < bound,
    ABOVE: lambda value, bound: value > bound,
}


class BadCondition(ValueError):
    """A `#{?…}` that cannot be parsed; the argument is its content."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One `#{?…}`: the fact's name, the comparison, and its operands."""

    written: str
    name: str
    sign: str
    operands: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the operands that are whole numbers; 3월 and 75세 are 3 and 75."""
        return _numbers(self.operands)

    def holds(self, facts: Facts) -> bool:
        fact = facts.get(self.name)
        if self.sign in (THERE, MISSING):
            return (fact is None) == (self.sign == MISSING)
        if fact is None:
            return False
        return self._number_holds(fact) if isinstance(fact, int) else self._words_hold(fact)

    def _number_holds(self, fact: int) -> bool:
        """Return whether the condition holds. A date is compared as the number of days until it ends."""
        if self.sign in ABOUT_DATES:
            return (fact < 0) == (self.sign == OVER)
        if self.sign in ABOUT_NUMBERS:
            return _COMPARE[self.sign](fact, self.numbers[0])
        return (fact in self.numbers) == (self.sign == IS)

    def _words_hold(self, fact: tuple[str, ...]) -> bool:
        if self.sign in ABOUT_WORDS:
            found = any(operand in word for operand in self.operands for word in fact)
            return found == (self.sign == HAS)
        return any(operand in fact for operand in self.operands) == (self.sign == IS)


def read_condition(written: str) -> Condition:
    """Parse the text between `#{?` and `}`. Raises BadCondition."""
    for form in _FORMS:
        if found := form.fullmatch(written.strip()):
            parts = found.groupdict()
            operands = _operands(parts.get("list") or "", parts["sign"])
            return Condition(written.strip(), parts["name"].strip(), parts["sign"], operands)
    raise BadCondition(written)


@lru_cache(maxsize=4096)
def _numbers(operands: tuple[str, ...]) -> tuple[int, ...]:
    found = (re.fullmatch(r"([\d,]*\d) ?(?:세|일|월|원)?", operand) for operand in operands)
    return tuple(int(match.group(1).replace(",", "")) for match in found if match)


def _operands(listed: str, sign: str) -> tuple[str, ...]:
    if sign in ABOUT_NUMBERS:  # 300,000 is one number
        return (listed.replace(",", ""),) if listed else ()
    return tuple(item.strip() for item in listed.split(",") if item.strip())


def facts_of(
    fields: Iterable[FieldSpec],
    payload: Mapping[str, Any],
    *,
    day: date,
    born: date | None = None,
    days_left: int | None = None,
) -> dict[str, Fact]:
    """Return the facts for conditions on the KST day `day`, without private fields."""
    facts: dict[str, Fact] = {MONTH: day.month}
    if born is not None:
        facts[AGE], facts[AGE_BY_YEAR] = ages(born, day)
    if days_left is not None:
        facts[DAYS_LEFT] = days_left
    for item in fields:
        value = payload.get(item.name)
        if value is not None and value != "" and not item.private:
            facts[item.placeholder] = _fact(item, value, day)
    return facts


def ages(born: date, day: date) -> tuple[int, int]:
    """Return a person's age on a day, and that by the year alone."""
    by_year = day.year - born.year
    return by_year - ((day.month, day.day) < (born.month, born.day)), by_year


def _fact(field: FieldSpec, value: Any, day: date) -> Fact:
    if field.type in ("won", "int"):
        return int(value)
    if field.type == "date":
        own = date.fromisoformat(value)
        return ((moved(own) if field.deadline else own) - day).days
    if field.type == "datetime":
        return (read_datetime(value).astimezone(KST).date() - day).days
    if field.type == "choice":
        return next((code, words.ko, words.en) for code, words in field.choices if code == value)
    return (str(value),)
