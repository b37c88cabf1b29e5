"""Fill a data folder: `people.jsonl`, the agencies' books, and the files that agencies leave. Idempotent; grows."""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from sandbox.agencies.book import Book
from sandbox.agencies.files import FEEDS as FILE_FEEDS
from sandbox.agencies.files import drop_pending
from sandbox.agencies.records import records_of
from sandbox.state.people import person

CHUNK = 1000


def populate(data: Path, citizens: int, today: date, report: Callable[[int], None] = lambda _: None) -> dict[str, int]:
    """Make people until there are at least `citizens`. {"people", "new_people", "new_records"}.

    People who existed keep their records, dated when they were made; `today` dates the new ones'.
    """
    book = Book(data)
    try:
        there = _people_there(data)
        _write_people(data, there, citizens)
        added = _write_records(book, citizens, today, report)
        for feed in FILE_FEEDS:
            drop_pending(book, data, feed)
    finally:
        book.close()
    return {"people": max(there, citizens), "new_people": max(0, citizens - there), "new_records": added}


def _people_there(data: Path) -> int:
    path = data / "people.jsonl"
    if not path.exists():
        return 0
    with path.open("rb") as lines:
        return sum(1 for _ in lines)


def _write_people(data: Path, there: int, citizens: int) -> None:
    """Replace the file as a whole, so that no reader sees half a line."""
    path, fresh = data / "people.jsonl", data / ".people.jsonl.tmp"
    if citizens <= there:
        return
    if there:
        shutil.copyfile(path, fresh)
    with fresh.open("a" if there else "w", encoding="utf-8") as lines:
        for number in range(there + 1, citizens + 1):
            lines.write(json.dumps(asdict(person(number)), ensure_ascii=False) + "\n")
    fresh.rename(path)


def _write_records(book: Book, citizens: int, today: date, report: Callable[[int], None]) -> int:
    """In chunks of people, each noted when it is in: a run that was killed goes on where it stopped."""
    added = 0
    first = book.progress("people") + 1
    for start in range(first, citizens + 1, CHUNK):
        last = min(start + CHUNK - 1, citizens)
        by_feed: dict[str, list[dict[str, Any]]] = {}
        for number in range(start, last + 1):
            for feed, record in records_of(number, person(number), today):
                by_feed.setdefault(feed, []).append(record)
        for feed, records in by_feed.items():
            added += book.add(feed, records)
        book.set_progress("people", last)
        report(last)
    return added
