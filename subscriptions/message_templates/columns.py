"""Format the fields of many records of one data type, and choose their lines, field by field instead of record by
record: the same texts for half of the time (docs/adr/0093).

What one record's value raises here, it raises in `values.py` and `compile.py` too.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import repeat
from typing import Any

from secretary.kernel.korean.korean import with_particle
from subscriptions.message_templates.compile import Choice, Compiled, MissingValue, Shown
from subscriptions.message_templates.links import HARMLESS
from subscriptions.message_templates.values import FieldFormatter, TextWriter

Columns = dict[str, list[str]]  # placeholder → the text of each record, "" where it has no value
Payloads = Sequence[Mapping[str, Any]]


def field_columns(formatter: FieldFormatter, payloads: Payloads) -> Columns:
    """Return what the formatter writes for each record. Raises as it does."""
    getters = [payload.get for payload in payloads]
    columns: Columns = {}
    for name, placeholder, write in formatter.writers:
        if isinstance(write, TextWriter):
            columns[placeholder] = _texts(write, ["" if (value := get(name)) is None else value for get in getters])
        else:
            columns[placeholder] = [
                "" if (value := get(name)) is None or value == "" else write(value) for get in getters
            ]
    return columns


def _texts(write: TextWriter, given: list[str]) -> list[str]:
    """Nearly all are sent as they are, which one look at all of them shows."""
    if HARMLESS.fullmatch(",".join(given)) and max(map(len, given)) <= write.most:
        return given
    return [value and write(value) for value in given]


def chosen_lines(
    choice: Choice, columns: Columns, payloads: Payloads, *, day: date, days_left: Sequence[int | None]
) -> list[Shown]:
    """Return the lines that each record shows on the KST day `day` (`Choice.lines`), once for all that agree in what it
    depends on. For choices that depend on no age."""
    names = tuple(columns)
    absent: Any = repeat(())
    if any("" in column for column in columns.values()):
        absent = [
            tuple([name for name, value in zip(names, row, strict=True) if value == ""])
            for row in zip(*columns.values(), strict=True)
        ]
    asked = [[payload.get(item.name) for payload in payloads] for item in choice.asked]
    if not (choice.title.conditions or choice.body.conditions):
        days_left = [None] * len(payloads)
    known: dict[tuple[object, ...], Shown] = {}
    shown: list[Shown] = []
    for at, key in enumerate(zip(absent, days_left, *asked, strict=False)):
        lines = known.get(key)
        if lines is None:
            values = {name: column[at] for name, column in columns.items()}
            lines = known[key] = choice.lines(values, payloads[at], day=day, days_left=days_left[at])
        shown.append(lines)
    return shown


def in_place(compiled: Compiled, columns: Mapping[str, Sequence[str]], size: int) -> list[tuple[str, ...]]:
    """Return what stands in the slots of each of `size` texts (`Compiled.in_place`). Raises MissingValue."""
    try:
        filled = [
            [with_particle(value, slot.pair) for value in columns[slot.name]] if slot.pair else columns[slot.name]
            for slot in compiled.slots
        ]
    except KeyError as missing:
        raise MissingValue(missing.args[0]) from None
    return list(zip(*filled, strict=True)) if filled else [()] * size
