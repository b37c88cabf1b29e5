"""Golden tables: CSV with comments, one expectation a line."""

import csv
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def rows(name: str) -> list[dict[str, str]]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def change(row: dict[str, str]) -> tuple[str, int] | None:
    return (row["next_on"], int(row["next_amount"])) if row["next_on"] else None


def label(row: dict[str, str]) -> str:
    return " ".join(value for value in row.values() if value)
