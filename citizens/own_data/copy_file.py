"""Write a person's copy as one zip file: everything as JSON, and each part as CSV for a spreadsheet.

Days and instants are ISO 8601 (instants in Korean time with their offset), text is NFC. The CSV files are UTF-8 with a
byte order mark, which spreadsheets need for Korean; a cell that a spreadsheet would run as a formula gets an apostrophe
in front (OWASP, CSV injection).
"""

import csv
import io
import json
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from secretary.kernel.own_data import Part
from secretary.kernel.time.clock import KST

FORMAT = 1
FORMULA = ("=", "+", "-", "@", "\t", "\r")
JSON_NAME = "my-data.json"


def copy_file(
    citizen_id: UUID,
    parts: Sequence[Part],
    *,
    left_out: Mapping[str, str],
    now: datetime,
    step: Callable[[int], None],
) -> bytes:
    """Return the zip file. `left_out`: tables that are not in it, with the reason. `step`: called with how many parts
    are done, after each."""
    whole: dict[str, Any] = {"format": FORMAT, "made_at": plain(now), "left_out": dict(left_out)}
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for number, part in enumerate(parts, 1):
                rows = [{name: plain(row[name]) for name in part.columns} for row in part.rows(citizen_id)]
                whole[part.name] = rows
                packed.writestr(f"csv/{part.name}.csv", csv_of(part.columns, rows))
                step(number)
            packed.writestr(JSON_NAME, json.dumps(whole, ensure_ascii=False, indent=1))
        return file.getvalue()


def csv_of(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return a table with a header."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def plain(value: Any) -> Any:
    """Return the value as JSON has it."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, datetime):
        return value.astimezone(KST).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _cell(value: Any) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
