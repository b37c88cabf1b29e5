"""Check that the conditions of a template use known fields, and comparisons that fit them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

from subscriptions.message_templates.conditions import (
    ABOUT_DATES,
    ABOUT_NUMBERS,
    ABOUT_WORDS,
    AGE,
    AGE_BY_YEAR,
    IS,
    IS_NOT,
    MISSING,
    MONTH,
    PERSON_AND_DAY,
    THERE,
    Condition,
)
from subscriptions.message_templates.problem import Problem, problem
from subscriptions.message_templates.values import DAYS_LEFT
from subscriptions.specs import FieldSpec, StageSpec
from subscriptions.triggers import NOT_YOURS

_NUMBER: Final = "number"
_KINDS: Final = {
    **dict.fromkeys((AGE, AGE_BY_YEAR, MONTH, DAYS_LEFT, "won", "int"), _NUMBER),
    **dict.fromkeys(("date", "datetime"), "date"),
    **dict.fromkeys(("text", "choice", "phone"), "words"),
}
_SIGNS: Final = {
    _NUMBER: (*ABOUT_NUMBERS, IS, IS_NOT),
    "date": ABOUT_DATES,
    "words": (*ABOUT_WORDS, IS, IS_NOT),
}


def check_conditions(
    conditions: Iterable[Condition], where: str, fields: Sequence[FieldSpec], stage: StageSpec | None
) -> Iterator[Problem]:
    """Check one condition. Codes: condition_name, condition_kind, days_left."""
    about = {item.placeholder: item for item in fields if not item.private}
    if stage is not None and stage.on == NOT_YOURS:
        about = {}  # the record is another person's
    for condition in conditions:
        name, field = condition.name, about.get(condition.name)
        if name == DAYS_LEFT and stage is not None and stage.on != "date":
            message = _("“%(name)s” only works in a date-based stage.")
            yield problem("days_left", where, message, name=name)
        elif field is None and name not in (*PERSON_AND_DAY, DAYS_LEFT):
            known = ", ".join([*PERSON_AND_DAY, DAYS_LEFT, *sorted(about)])
            message = _("“%(name)s” cannot be used in a condition. Use one of: %(known)s.")
            yield problem("condition_name", where, message, name=name, known=known)
        elif not _fits(condition, field):
            message = _("The comparison in “%(written)s” does not fit the type of its value.")
            yield problem("condition_kind", where, message, written=condition.written)


def _fits(condition: Condition, field: FieldSpec | None) -> bool:
    if condition.sign in (THERE, MISSING):
        return field is not None
    kind = _KINDS[field.type if field else condition.name]
    if condition.sign not in _SIGNS[kind]:
        return False
    if kind == _NUMBER:
        return len(condition.numbers) == len(condition.operands) > 0
    if field is not None and field.type == "choice" and condition.sign in (IS, IS_NOT):
        known = {word for code, words in field.choices for word in (code, words.ko, words.en)}
        return set(condition.operands) <= known
    return True
