"""What every way in (agency connector) is made of. Connectors import no Django and no Celery."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Line:
    """One record as it came, or why it could not be read. `number` counts from 1 within its page or file."""

    number: int
    data: Mapping[str, Any] | None
    error: str = ""  # a code of notifications.agencies.contract.REFUSALS, "" when data is readable
    detail: str = ""  # for people; never holds personal data


@dataclass(frozen=True, slots=True)
class Page:
    """A batch of lines that is ingested in one transaction together with the cursor that follows it."""

    lines: list[Line]
    next_cursor: dict[str, Any]  # stored with the batch: the pull goes on from here after a crash
    total: int | None = None  # lines that the source says there are in all, for the progress bar


class Connector(Protocol):
    """A source that we read from (pull, file drop)."""

    def pages(self, cursor: Mapping[str, Any]) -> Iterator[Page]:
        """Pages from `cursor` ({} at first) to the end. Raises SourceRefused or SourceUnavailable."""


class SourceUnavailable(Exception):  # noqa: N818
    """Time-out, 5xx, over the limit of calls: the same cursor is tried again later."""

    def __init__(self, code: str, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.retry_after = code, detail, retry_after


class SourceRefused(Exception):  # noqa: N818
    """The source or its data is not usable as it stands (bad key, truncated file): a person must act."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail
