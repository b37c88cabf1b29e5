"""Define the contract of agency connectors. Connectors import no Django and no Celery."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

# Reasons why a source or a line could not be read, before the content of the record is checked.
REFUSALS: Mapping[str, str] = {
    "control_character": "a NUL or another control character",
    "duplicate_key": "the same name twice in one record",
    "lone_surrogate": "half of a character (an unpaired surrogate)",
    "mixed_encoding": "the line is in another character set than its file",
    "not_a_number": "NaN or Infinity",
    "not_json": "not valid JSON",
    "not_utf8": "not valid UTF-8",
    "number_too_large": "a number of more than 64 bits",
    "too_deep": "values nested too deeply",
    "undecodable": "not readable in the file's character set",
    "unnamed_column": "a value in a column that has no name",
    "unreadable_quotes": "quotation marks that do not match",
    "wrong_columns": "more or fewer columns than the header",
    "wrong_shape": "not a record of values",
}


class Line(NamedTuple):
    """One raw record, or the reason why it could not be read. `number` counts from 1 within its page or file."""

    number: int
    data: Mapping[str, Any] | None
    error: str = ""  # a code of notifications.sources.contract.REFUSALS, "" when data is readable
    detail: str = ""  # for people; never holds personal data


@dataclass(frozen=True, slots=True)
class Naming:
    """Renames columns. `columns`: the source's name → ours, others stay. `constants`: fields that all records share."""

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_none(self) -> bool:
        """Return whether a line keeps its names and gets no fields besides."""
        return not (self.columns or self.constants)

    def names(self, header: list[str]) -> list[str]:
        return [self.columns.get(name, name) for name in header]

    def renamed(self, line: Line) -> Line:
        """Return a line under our names. Two columns with the same name are refused."""
        if line.data is None or self.is_none:
            return line
        data = dict(zip(self.names(list(line.data)), line.data.values(), strict=True))
        if len(data) != len(line.data):
            return Line(line.number, None, "duplicate_key", "two columns have the same name in our terms")
        return Line(line.number, {**self.constants, **data})


@dataclass(frozen=True, slots=True)
class Page:
    """A batch of lines that is ingested in one transaction together with the cursor that follows it."""

    lines: list[Line]
    next_cursor: dict[str, Any]  # stored with the batch: the pull continues from here after a crash
    total: int | None = None  # total number of lines by the source's own count, for the progress bar
    place: str = ""  # the page or the file that the line numbers count in


class Connector(Protocol):
    """A source that we read from (pull, file drop)."""

    def pages(self, cursor: Mapping[str, Any]) -> Iterator[Page]:
        """Yield pages from `cursor` ({} at first) to the end. Raises SourceRefused or SourceUnavailable."""


class SourceUnavailable(Exception):
    """Time-out, 5xx, or rate limit: the same cursor is tried again later."""

    def __init__(self, code: str, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.retry_after = code, detail, retry_after


class SourceRefused(Exception):
    """The source or its data is not usable (bad key, truncated file): an operator or the agency must act."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail
