"""Read many values of one field at once: what holds for nearly every value is checked in one call over all of them.

A column that is not read here in one go is read value by value, by the field's own reader, which also says what is
wrong. Both ways give the same values.
"""

from collections.abc import Callable, Sequence
from typing import Any

from secretary.kernel.persons.resident_numbers import SHORTEST, may_hold_resident_number
from subscriptions.message_templates.links import HARMLESS

Read = Callable[[Any], Any]
ReadColumn = Callable[[Sequence[Any]], Sequence[Any] | None]  # None: to be read value by value


def texts(most: int, read: Read, refused: type[Exception]) -> ReadColumn:
    """Return the reader of texts of at most so many characters. `read`: reads one that is not harmless."""
    read_distinct = distinct(read, refused)

    def read_texts(column: Sequence[Any]) -> Sequence[Any] | None:
        try:
            joined = ",".join(column)
        except TypeError:
            return None
        longest = max(map(len, column))
        if not HARMLESS.fullmatch(joined) or (longest >= SHORTEST and may_hold_resident_number(joined)):
            values = read_distinct(column) if len(set(column)) <= len(column) // 2 else None
            return values if values and set(map(type, values)) == {str} and all(values) else None
        values = list(map(str.strip, column)) if " " in joined else column
        return values if longest <= most and all(values) else None

    return read_texts


def numbers(most: int) -> ReadColumn:
    """Return the reader of JSON numbers from 0 to `most`."""

    def read_numbers(column: Sequence[Any]) -> Sequence[Any] | None:
        return column if set(map(type, column)) == {int} and min(column) >= 0 and max(column) <= most else None

    return read_numbers


def distinct(read: Read, refused: type[Exception]) -> ReadColumn:
    """Return the reader that reads each text of a column once: days and codes repeat. None of them may be empty."""

    def read_distinct(column: Sequence[Any]) -> Sequence[Any] | None:
        try:
            values = {value: read(value) for value in set(column)}
        except (TypeError, refused):
            return None
        return list(map(values.__getitem__, column))

    return read_distinct


def without_gaps(read: ReadColumn, column: Sequence[Any]) -> Sequence[Any] | None:
    """Read the filled values of a column at once; None in place of each empty one."""
    is_filled = [value is not None and value != "" for value in column]
    filled = [value for value, there in zip(column, is_filled, strict=True) if there]
    values = read(filled) if filled else ()
    if values is None:
        return None
    following = iter(values)
    return [next(following) if there else None for there in is_filled]
