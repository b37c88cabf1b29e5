"""Read the facts of a debt from plain values: fields of an agency's record, or arguments of a command line.

A tariff's facts are a dataclass of `int` (won, percent, never negative) and `date` (or None) fields. The metadata of
a field may carry `record` (the field of the agency's record, when it has another name), `help` and
`deadline` (민법 §161 moves it). Where a record means
something by leaving a field out, the dataclass states it in a class method `as_recorded(record)`.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from datetime import date, datetime
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from payments.tariffs.contract import BadFacts

F = TypeVar("F")


def from_record(facts: type[F], values: Mapping[str, object]) -> F:
    """Return the facts, from a record's fields (`amount`, `due_on`, …). Fields that are no facts are passed over.

    A won is an int or digits, a date a `date` or YYYY-MM-DD; None and "" mean absent. Raises BadFacts.
    """
    as_recorded = getattr(facts, "as_recorded", None)
    recorded = as_recorded(values) if as_recorded else values
    return from_values(facts, {item.name: recorded.get(record_name(item)) for item in fields_of(facts)})


def from_values(facts: type[F], values: Mapping[str, object]) -> F:
    """Return the facts, from values under their own names. Raises BadFacts."""
    items = fields_of(facts)
    given = {item.name: values[item.name] for item in items if values.get(item.name) not in (None, "")}
    missing = [item.name for item in items if item.default is MISSING and item.name not in given]
    if missing:
        raise BadFacts(f"missing: {', '.join(missing)}")
    kinds = kinds_of(facts)
    return facts(**{name: parse(name, kinds[name], value) for name, value in given.items()})


def fields_of(facts: type[Any]) -> tuple[Field[Any], ...]:
    return fields(facts)


def kinds_of(facts: type[Any]) -> dict[str, type]:
    """Field name → int or date."""
    hints = get_type_hints(facts)
    return {
        item.name: next(kind for kind in get_args(hints[item.name]) or (hints[item.name],) if kind is not NoneType)
        for item in fields_of(facts)
    }


def record_name(item: Field[Any]) -> str:
    return str(item.metadata.get("record", item.name))


def parse(name: str, kind: type, value: object) -> int | date:
    """Return one value. Raises BadFacts, which names the fact but never quotes its value."""
    return _day(name, value) if kind is date else _number(name, value)


def _number(name: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    raise BadFacts(f"{name}: a whole number in plain digits, like 40000")


def _day(name: str, value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    wrong = BadFacts(f"{name}: a day that exists, like 2026-03-02")
    if not isinstance(value, str) or len(value) != len("2026-03-02"):
        raise wrong
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise wrong from error
