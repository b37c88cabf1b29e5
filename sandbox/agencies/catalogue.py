"""Read the field names and stages of the data types from the TOML files that the product ships: data, no code."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "subscriptions" / "catalogue"
FEEDS = {"knpa": "knpa-push", "koroad": "koroad-pull", "kosaf": "kosaf-pull", "nhis": "nhis-file", "kdca": "kdca-file"}


@dataclass(frozen=True)
class DataType:
    code: str
    feed: str
    fields: list[dict[str, Any]]  # as in the TOML: name, type, sample, choices, date_slot …
    stages: list[dict[str, Any]]  # code, on, field, days, states, event, expires …
    payable: bool

    def field(self, name: str) -> dict[str, Any]:
        return next(field for field in self.fields if field["name"] == name)


@cache
def data_types() -> dict[str, DataType]:
    """By code, in the catalogue's own order. Types of agencies that have no feed here are left out."""
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))]
    types = sorted((table for table in tables if "stages" in table), key=lambda table: table.get("order", 0))
    return {
        table["code"]: DataType(
            code=table["code"],
            feed=FEEDS[table["agency"]],
            fields=table.get("fields", []),
            stages=table["stages"],
            payable="payable" in table,
        )
        for table in types
        if table["agency"] in FEEDS and not table.get("draft")
    }
