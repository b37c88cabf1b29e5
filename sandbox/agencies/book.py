"""Keep the agencies' own books: every record that each feed has to offer, numbered in the order of change."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
  feed TEXT NOT NULL, change_no INTEGER NOT NULL, body TEXT NOT NULL, sent INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (feed, change_no)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS records_pending ON records (feed, change_no) WHERE sent = 0;
CREATE INDEX IF NOT EXISTS records_external_id ON records (json_extract(body, '$.external_id'));
CREATE TABLE IF NOT EXISTS progress (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class Book:
    """Shared by the server and the command line: SQLite in WAL, one short transaction at a time.

    A record is the canonical mapping: external_id, data_type, version, state, event, subject, fields.
    """

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        path = data / "agencies.sqlite3"
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(SCHEMA)

    def add(self, feed: str, records: Iterable[Mapping[str, Any]]) -> int:
        """Return how many were added, at the end of the feed."""
        first = self._connection.execute(
            "SELECT coalesce(max(change_no), 0) + 1 FROM records WHERE feed = ?", [feed]
        ).fetchone()[0]
        rows = [(feed, first + i, json.dumps(record, ensure_ascii=False)) for i, record in enumerate(records)]
        with self._transaction():
            self._connection.executemany("INSERT INTO records (feed, change_no, body) VALUES (?, ?, ?)", rows)
        return len(rows)

    def total(self, feed: str, *, after: int = 0) -> int:
        sql = "SELECT count(*) FROM records WHERE feed = ? AND change_no > ?"
        return int(self._connection.execute(sql, [feed, after]).fetchone()[0])

    def page(self, feed: str, *, after: int, offset: int, limit: int) -> list[tuple[int, dict[str, Any]]]:
        """(change number, record), oldest change first."""
        rows = self._connection.execute(
            "SELECT change_no, body FROM records WHERE feed = ? AND change_no > ? ORDER BY change_no LIMIT ? OFFSET ?",
            [feed, after, limit, offset],
        )
        return [(number, json.loads(body)) for number, body in rows]

    def newest(self, external_id: str) -> dict[str, Any] | None:
        """Return the record as the agency has it now, in whichever feed."""
        sql = "SELECT body FROM records WHERE json_extract(body, '$.external_id') = ? ORDER BY change_no DESC LIMIT 1"
        row = self._connection.execute(sql, [external_id]).fetchone()
        return json.loads(row[0]) if row else None

    def pending(self, feed: str, limit: int) -> list[tuple[int, dict[str, Any]]]:
        """Return records that were not handed over yet, oldest change first."""
        rows = self._connection.execute(
            "SELECT change_no, body FROM records WHERE feed = ? AND sent = 0 ORDER BY change_no LIMIT ?",
            [feed, limit],
        )
        return [(number, json.loads(body)) for number, body in rows]

    def pending_count(self, feed: str) -> int:
        sql = "SELECT count(*) FROM records WHERE feed = ? AND sent = 0"
        return int(self._connection.execute(sql, [feed]).fetchone()[0])

    def mark_sent(self, feed: str, numbers: Iterable[int]) -> None:
        with self._transaction():
            self._connection.executemany(
                "UPDATE records SET sent = 1 WHERE feed = ? AND change_no = ?",
                [(feed, number) for number in numbers],
            )

    def progress(self, name: str, default: int = 0) -> int:
        row = self._connection.execute("SELECT value FROM progress WHERE name = ?", [name]).fetchone()
        return int(row[0]) if row else default

    def set_progress(self, name: str, value: int) -> None:
        self._connection.execute("INSERT OR REPLACE INTO progress VALUES (?, ?)", [name, str(value)])

    def close(self) -> None:
        self._connection.close()

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._connection)


class _Transaction:
    """BEGIN IMMEDIATE … COMMIT, or ROLLBACK when the body raises."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return one level: what stands in a CSV line or in an item of a data.go.kr-style answer. Absent is empty."""
    subject, fields = record.get("subject", {}), record.get("fields", {})
    head = {name: record.get(name, "") for name in ("external_id", "data_type", "version", "state", "event")}
    return {**head, **{name: subject.get(name, "") for name in ("ci", "name", "birth_date", "phone")}, **fields}
