"""Choose the lines of a message, once for all records that agree in what the choice depends on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from secretary.kernel.time.working_days import declared
from subscriptions.message_templates.compile import Lines
from subscriptions.message_templates.conditions import Facts, ages, facts_of
from subscriptions.specs import FieldSpec

MOST_KEPT: Final = 4096  # the records of a day have the same few deadlines and states

Shown = tuple[int, int]  # the lines of the title, and of the text


@dataclass(frozen=True, slots=True)
class Choice:
    """A template's lines, and what has been chosen from them by the values that conditions ask for."""

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
