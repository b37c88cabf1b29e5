"""Describe what an app holds about a person, part by part, for the person's own copy (docs/own-data.md)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One table of the copy: its name, its columns in order, its rows, and the models whose rows they are. Values are
    text, numbers, days, instants, or lists and mappings of these; `rows` must have exactly these columns."""

    name: str
    columns: tuple[str, ...]
    rows: Callable[[UUID], Iterator[Row]]
    holds: tuple[type[Model], ...]
