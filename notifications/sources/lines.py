"""Map a source's column names to lines with our names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from notifications.sources.contract import Line

_SCALARS = frozenset({str, int, float, bool, type(None)})


def line_of(number: int, record: Any) -> Line:
    """Return a record: an object of values, or of objects of values; anything else becomes a line with the reason."""
    if type(record) is not dict:
        return Line(number, None, "wrong_shape", "a record is an object")
    for value in record.values():
        kind = type(value)
        if kind is str or kind in _SCALARS:
            continue
        if kind is not dict or not _SCALARS.issuperset(map(type, value.values())):
            return Line(number, None, "wrong_shape", "a record holds values, or objects of values")
    return Line(number, record)


@dataclass(frozen=True, slots=True)
class Naming:
    """Renames columns. `columns`: the source's name → ours, others stay. `constants`: fields that all records share."""

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)

    def names(self, header: list[str]) -> list[str]:
        return [self.columns.get(name, name) for name in header]

    def line(self, number: int, record: Any) -> Line:
        """Return a line as `line_of`, under our names. Two columns with the same name are refused."""
        line = line_of(number, record)
        if line.data is None or not (self.columns or self.constants):
            return line
        data = dict(zip(self.names(list(line.data)), line.data.values(), strict=True))
        if len(data) != len(line.data):
            return Line(number, None, "duplicate_key", "two columns have the same name in our terms")
        return Line(number, {**self.constants, **data})
