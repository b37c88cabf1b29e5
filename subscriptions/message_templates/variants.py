"""Find all variants of a template at its stage, for vendors' approval, checks and previews.

Found by trying each optional field with and without a value, and each condition's facts on both sides of its bound.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

from subscriptions.message_templates.compile import Compiled, Lines, compile_lines, compile_template
from subscriptions.message_templates.conditions import MONTH, PERSON_AND_DAY, Condition, Fact, Facts
from subscriptions.message_templates.prices import absences, fits
from subscriptions.message_templates.values import DAYS_LEFT
from subscriptions.specs import FieldSpec, StageSpec
from subscriptions.triggers import NOT_YOURS

MOST_SITUATIONS: Final = 20_000
_ANYTHING: Final[Fact] = ("",)  # a value of an optional field that no condition uses
_OTHER_WORD: Final[Fact] = ("\0",)  # a text that no condition names


class TooMany(ValueError):
    """More situations than can be tried: the template has too many conditions and optional fields."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One text of a template. `shown`: its lines, as a number of `Lines`; `facts`: a situation in which it is sent."""

    shown: int
    text: Compiled
    facts: Facts
    absent: frozenset[str]  # placeholders without a value in that situation

    @property
    def key(self) -> str:
        """The key under which its template code is stored."""
        return f"{self.shown:x}"


@lru_cache(maxsize=4096)
def variants(text: str, fields: tuple[FieldSpec, ...], stage: StageSpec | None) -> tuple[Variant, ...]:
    """Return the variants, the one with the most lines first. Raises BadPlaceholder, TooMany."""
    lines = compile_lines(text)
    found: dict[int, Variant] = {}
    for facts, absent in situations(lines, fields, stage):
        shown = lines.shown(dict.fromkeys(absent, ""), facts)
        if shown not in found:
            found[shown] = Variant(shown, lines.variant(shown), facts, absent)
    return tuple(sorted(found.values(), key=lambda item: (-item.shown.bit_count(), -item.shown)))


def forget_texts() -> None:
    """Free what this process keeps of templates. For a task that reads all of them and composes from none: of a hundred
    data types they take 10 MB."""
    for kept in (variants, compile_lines, compile_template):
        kept.cache_clear()


def situations(
    lines: Lines, fields: Sequence[FieldSpec], stage: StageSpec | None
) -> Iterator[tuple[dict[str, Fact], frozenset[str]]]:
    """Yield facts with the placeholders that have no value in them. Raises TooMany."""
    asked: dict[str, list[Condition]] = {}
    for condition in lines.conditions:
        asked.setdefault(condition.name, []).append(condition)
    optional = {item.placeholder for item in fields if may_lack(stage, item)}
    about = {item.placeholder: item for item in fields}
    names = [*asked, *(name for name in lines.placeholders if name in optional and name not in asked)]
    choices = [_candidates(name, asked.get(name, []), about.get(name), stage, name in optional) for name in names]
    size = 1
    for listed in choices:
        size *= len(listed)
    if size > MOST_SITUATIONS:
        raise TooMany
    for picked in product(*choices):
        facts = {name: fact for name, fact in zip(names, picked, strict=True) if fact is not None}
        missing = frozenset(name for name in names if name in about and name not in facts)
        days = {name: facts.get(name) for name in names}
        for absent in absences(lines.placeholders):
            if fits(absent, lines.placeholders, fields, days):
                yield facts, missing | absent


def may_lack(stage: StageSpec | None, field: FieldSpec) -> bool:
    """Return whether a record can lack the field at the stage."""
    if field.required or (stage is not None and stage.on == NOT_YOURS):
        return False
    if stage is None:
        return True
    if stage.on == "date" and stage.field == field.name:
        return False
    if stage.on == "event":
        return stage.event not in field.required_for
    if stage.on == "opened":
        return not {"opened", "open"} & set(field.required_for)
    if stage.on == "changed":
        return "open" not in field.required_for
    states = stage.states if stage.on == "date" else (stage.on,)
    return not set(states) <= set(field.required_for)


def _candidates(
    name: str, conditions: Sequence[Condition], field: FieldSpec | None, stage: StageSpec | None, optional: bool
) -> list[Fact | None]:
    facts = _facts(name, conditions, field, stage) or [_ANYTHING]
    may_be_unknown = optional or (name in PERSON_AND_DAY and name != MONTH)
    return [*facts, None] if may_be_unknown else list(facts)


def _facts(
    name: str, conditions: Sequence[Condition], field: FieldSpec | None, stage: StageSpec | None
) -> Sequence[Fact]:
    numbers = sorted({number for condition in conditions for number in condition.numbers})
    if name == MONTH:
        others = [month for month in range(1, 13) if month not in numbers]
        return [*(month for month in numbers if 1 <= month <= 12), *others[:1]]
    if field is None or field.type in ("won", "int"):
        near = sorted({number + step for number in numbers for step in (-1, 0, 1) if number + step >= 0})
        most = max(0, -stage.days) if name == DAYS_LEFT and stage is not None else None
        return [number for number in near if most is None or number <= most] or [0]
    if field.type in ("date", "datetime"):
        return [0, -1] if conditions else []
    if field.type == "choice":
        return [(code, words.ko, words.en) for code, words in field.choices] if conditions else []
    named: list[Fact] = [(operand,) for condition in conditions for operand in condition.operands]
    return [*dict.fromkeys(named), _OTHER_WORD] if named else []
