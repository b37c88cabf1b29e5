"""Golden tables: CSV with comments, one expectation a line."""

import csv
from pathlib import Path

from payments.tariffs.contract import Quote

FOLDER = Path(__file__).parent / "golden"


def rows(name: str) -> list[dict[str, str]]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def change(row: dict[str, str]) -> tuple[str, int] | None:
    return (row["next_on"], int(row["next_amount"])) if row["next_on"] else None


def holds(row: dict[str, str], found: Quote) -> None:
    """The amount and the next change are the row's, and the steps sum up to the amount."""
    following = found.next_change
    assert (found.amount, following and (str(following.on), following.amount)) == (int(row["amount"]), change(row))
    assert sum(step.amount for step in found.steps) == found.amount
    assert not found.differs


def label(row: dict[str, str]) -> str:
    return " ".join(value for value in row.values() if value)
