"""Write one SQLite file with a group commit: a request is answered after its rows are committed.

WAL with `synchronous=NORMAL` survives `kill -9` of this process at any moment; a power cut may cost the
last commits.
"""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
  seq INTEGER PRIMARY KEY, gateway TEXT NOT NULL, vendor_id TEXT NOT NULL, batch_key TEXT NOT NULL,
  reference TEXT NOT NULL, address TEXT NOT NULL, person TEXT NOT NULL, template TEXT NOT NULL,
  title TEXT NOT NULL, text TEXT NOT NULL, received_at REAL NOT NULL, outcome TEXT NOT NULL, code TEXT NOT NULL,
  final_at REAL NOT NULL, callback TEXT NOT NULL, settled INTEGER NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS messages_vendor_id ON messages (vendor_id);
CREATE INDEX IF NOT EXISTS messages_reference ON messages (reference);
CREATE INDEX IF NOT EXISTS messages_batch_key ON messages (batch_key) WHERE batch_key != '';
CREATE INDEX IF NOT EXISTS messages_person ON messages (person, seq);
CREATE INDEX IF NOT EXISTS messages_unsettled ON messages (seq) WHERE settled = 0;
CREATE TABLE IF NOT EXISTS idempotency_keys (name TEXT PRIMARY KEY, used_at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS templates (
  channel TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL,
  status TEXT NOT NULL, PRIMARY KEY (channel, code)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS handsets (person TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS payments (
  provider TEXT NOT NULL, vendor_id TEXT NOT NULL, order_id TEXT NOT NULL, page TEXT NOT NULL, state TEXT NOT NULL,
  PRIMARY KEY (provider, vendor_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS payments_order ON payments (provider, order_id);
CREATE INDEX IF NOT EXISTS payments_page ON payments (provider, page);
CREATE TABLE IF NOT EXISTS movements (
  seq INTEGER PRIMARY KEY, provider TEXT NOT NULL, vendor_id TEXT NOT NULL, order_id TEXT NOT NULL,
  amount INTEGER NOT NULL, at REAL NOT NULL, reference TEXT NOT NULL UNIQUE
);
CREATE INDEX IF NOT EXISTS movements_time ON movements (provider, at);
CREATE TABLE IF NOT EXISTS payment_answers (
  name TEXT PRIMARY KEY, status INTEGER NOT NULL, body TEXT NOT NULL, at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS debts (external_id TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS postings (
  seq INTEGER PRIMARY KEY, posting_id TEXT NOT NULL UNIQUE, agency TEXT NOT NULL, posted_at REAL NOT NULL,
  body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS verifications (id TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
"""

Statement = tuple[str, Sequence[Sequence[Any]]]  # SQL with ?, and the rows to run it with


class Store:
    """Writes go through `commit` (grouped, off the event loop); reads are short and direct."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="messages")
        self._write_connection = _connect(path)
        self._write_connection.executescript(SCHEMA)
        self._reader = _connect(path)
        self._reader.row_factory = sqlite3.Row
        self._waiting: list[tuple[Sequence[Statement], asyncio.Future[None]]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def commit(self, *statements: Statement) -> None:
        """Return once these are durable. Statements of one call are all in, or (on an error, raised) none is."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((statements, done))
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        await done

    def read(self, sql: str, arguments: Iterable[Any] = ()) -> list[sqlite3.Row]:
        return self._reader.execute(sql, tuple(arguments)).fetchall()

    async def close(self) -> None:
        if self._flushing is not None:
            await self._flushing
        self._writer.shutdown()
        self._write_connection.close()
        self._reader.close()

    async def _flush(self) -> None:
        """Commit in one transaction all that arrived while the last one ran."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting, []
            calls = [statements for statements, _ in group]
            errors = await loop.run_in_executor(self._writer, self._write, calls)
            for (_, done), error in zip(group, errors, strict=True):
                _settle(done, error)
        self._flushing = None

    def _write(self, calls: list[Sequence[Statement]]) -> list[sqlite3.Error | None]:
        """Run all calls in one transaction; a call that fails is rolled back to its savepoint, alone."""
        connection = self._write_connection
        connection.execute("BEGIN IMMEDIATE")
        errors = [_savepoint(connection, statements) for statements in calls]
        connection.execute("COMMIT")
        return errors


def _savepoint(connection: sqlite3.Connection, statements: Sequence[Statement]) -> sqlite3.Error | None:
    connection.execute("SAVEPOINT one_call")
    try:
        for sql, rows in statements:
            connection.executemany(sql, rows)
    except sqlite3.Error as error:
        connection.execute("ROLLBACK TO one_call")
        return error
    finally:
        connection.execute("RELEASE one_call")
    return None


def _settle(done: "asyncio.Future[None]", error: sqlite3.Error | None) -> None:
    if done.done():  # the caller gave up waiting: its rows are in all the same
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection
