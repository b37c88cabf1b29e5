"""Define a panel of the dashboard: a plot and the table of the same numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    url: str = ""
    is_number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    name: str
    title: Any
    note: Any = ""
    plot: SafeString
    columns: Sequence[Any] = ()
    rows: Sequence[Sequence[Cell]] = ()
    empty: Any = ""

    @property
    def heads(self) -> list[tuple[Any, bool]]:
        """Return the columns, and whether their cells are numbers."""
        return [(column, cell.is_number) for column, cell in zip(self.columns, self.rows[0], strict=True)]


def listed(model: str, **filters: str) -> str:
    """Return the address of the administration's list of a model: `notifications_delivery`."""
    query = f"?{urlencode(filters)}" if filters else ""
    return f"{reverse(f'admin:{model}_changelist')}{query}"


def number(value: int, url: str = "") -> Cell:
    return Cell(f"{value:,}", url, is_number=True)
