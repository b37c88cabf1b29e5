"""Leave files in a drop folder as two agencies do: CSV in CP949, CSV in UTF-8 with BOM, and JSON lines.

A file appears whole: written under a hidden name, then renamed.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from sandbox.agencies.book import Book, flat

ROWS_A_FILE = 50_000
FEEDS = ("nhis-file", "kdca-file")

Records = Sequence[dict[str, Any]]


def drop_pending(book: Book, data: Path, feed: str) -> list[Path]:
    """Write what is pending into new files of `data`/drop/`feed`; the paths."""
    written: list[Path] = []
    while pending := book.pending(feed, ROWS_A_FILE):
        numbers = [number for number, _ in pending]
        written += _drop(data / "drop" / feed, feed, numbers[0], [record for _, record in pending])
        book.mark_sent(feed, numbers)
    return written


def _drop(folder: Path, feed: str, first: int, records: Records) -> list[Path]:
    """Write the formats of each agency: the first knows CSV in CP949 only; the second sends half of each."""
    if feed == "nhis-file":
        return [_write(folder / f"{feed}-{first:09d}.csv", _csv(records, "cp949"))]
    half = len(records) // 2
    parts: list[tuple[Records, str, Callable[[Records], bytes]]] = [
        (records[: half or None], "csv", lambda part: _csv(part, "utf-8-sig")),
        (records[half:] if half else (), "jsonl", _json_lines),
    ]
    return [_write(folder / f"{feed}-{first:09d}.{end}", write(part)) for part, end, write in parts if part]


def _csv(records: Records, encoding: str) -> bytes:
    rows = [flat(record) for record in records]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _columns(rows), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def _columns(rows: Iterable[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _json_lines(records: Records) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def _write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    hidden = path.with_name(f".{path.name}.tmp")
    hidden.write_bytes(content)
    return hidden.rename(path)
