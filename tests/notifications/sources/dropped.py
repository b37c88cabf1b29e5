"""Make files that an agency drops, and read their records."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from notifications.sources import registry
from notifications.sources.contract import Connector, Page, SourceRefused

HEADER = "external_id,name\r\n"


def drop(root: Path, **given: Any) -> Connector:
    return registry.build("file_drop", {"folder": "nhis", **given}, {}, drop_root=root.parent)


def read(place: Path, cursor: Mapping[str, Any] | None = None, **given: Any) -> list[Page]:
    return list(drop(place, **given).pages(cursor or {}))


def records(pages: list[Page]) -> list[Any]:
    return [line.data for page in pages for line in page.lines]


def errors(pages: list[Page]) -> list[tuple[int, str]]:
    return [(line.number, line.error) for page in pages for line in page.lines if line.error]


def refused(place: Path, **given: Any) -> SourceRefused:
    with pytest.raises(SourceRefused) as refusal:
        read(place, **given)
    return refusal.value


def rows(count: int) -> bytes:
    return (HEADER + "".join(f"N-{number},김가짜\r\n" for number in range(count))).encode()
