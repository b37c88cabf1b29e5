"""Re-encrypt what was encrypted with an older key: in batches, beside all other work, repeatable.

A value is written only where it still is what was read, so that a newer one is never overwritten; what has the current
key already is passed over, so that a run that was stopped goes on where it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from secretary.kernel.secrets.encryption import Cipher, Undecryptable

BATCH = 500
STALE = """
SELECT t.{key}, t.{column}, {bound_to} FROM {table} t
WHERE {behind} t.{column} IS NOT NULL AND substring(t.{column} from 1 for %(length)s) <> %(prefix)s
ORDER BY t.{key} LIMIT %(batch)s
"""
COUNT = """
SELECT count(*) FROM {table} t
WHERE t.{column} IS NOT NULL AND substring(t.{column} from 1 for %(length)s) <> %(prefix)s
"""
WRITE = """
UPDATE {table} t SET {column} = v.fresh FROM unnest(%s::{type}[], %s::bytea[], %s::bytea[]) AS v (key, old, fresh)
WHERE t.{key} = v.key AND t.{column} = v.old
"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted column. `bound_to`: what its values are bound to, as SQL over the row `t` (constants)."""

    model: type[models.Model]
    column: str
    bound_to: str

    @property
    def name(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def stale(self, cipher: Cipher) -> int:
        """Return how many values are under another key than the current one."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql(COUNT), _prefix(cipher))
            return int(cursor.fetchone()[0])

    def rotate(self, cipher: Cipher, batch: int = BATCH) -> "Rotated":
        """Encrypt with the current key all values under another; what no key opens stays as it is and is counted."""
        done, unreadable = 0, 0
        for rows in self._batches(cipher, batch):
            fresh = [(key, stored, _sealed_anew(cipher, stored, bound_to)) for key, stored, bound_to in rows]
            opened = [(str(key), stored, sealed) for key, stored, sealed in fresh if sealed is not None]
            unreadable += len(fresh) - len(opened)
            done += self._write(opened)
        return Rotated(done, unreadable)

    def _batches(self, cipher: Cipher, batch: int) -> Iterator[list[tuple[Any, bytes, str]]]:
        after = None
        while True:
            behind = "" if after is None else f"t.{self._key} > %(after)s AND"
            with connection.cursor() as cursor:
                cursor.execute(self._sql(STALE, behind=behind), {**_prefix(cipher), "after": after, "batch": batch})
                rows = [(key, bytes(stored), bound_to) for key, stored, bound_to in cursor.fetchall()]
            if not rows:
                return
            yield rows
            after = str(rows[-1][0])

    def _write(self, rows: list[tuple[str, bytes, bytes]]) -> int:
        if not rows:
            return 0
        kind = self.model._meta.pk.db_type(connection)
        with connection.cursor() as cursor:
            cursor.execute(self._sql(WRITE, type=kind), [list(column) for column in zip(*rows, strict=True)])
            return int(cursor.rowcount)

    @property
    def _key(self) -> str:
        return str(self.model._meta.pk.column)

    def _sql(self, template: str, **parts: Any) -> str:
        table = self.model._meta.db_table
        return template.format(table=table, key=self._key, column=self.column, bound_to=self.bound_to, **parts)


@dataclass(frozen=True, slots=True)
class Rotated:
    rows: int
    unreadable: int  # no key of FIELD_KEYS opens them


def _prefix(cipher: Cipher) -> dict[str, Any]:
    return {"prefix": cipher.prefix, "length": len(cipher.prefix)}


def _sealed_anew(cipher: Cipher, stored: bytes, bound_to: str) -> bytes | None:
    try:
        return cipher.encrypt(cipher.decrypt(stored, bound_to=bound_to), bound_to=bound_to)
    except Undecryptable:
        return None
