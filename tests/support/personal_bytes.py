"""Search everything that is stored for bytes of one person: every column of every table, opened where it is encrypted,
every key of the broker, and the log."""

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Any

import redis
from django.contrib.sessions.models import Session
from django.db import connection

from secretary.kernel.secrets.encryption import cipher
from secretary.ops.sealed import SEALED
from subscriptions.web.session import draft as drafts

Found = set[tuple[str, str]]  # (what was found, where)
BODY = re.compile(rb'"body": ?"([A-Za-z0-9+/=]*)"')
TABLES = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'm')
ORDER BY 1
"""


def found_in_database(needles: Mapping[str, str | bytes]) -> Found:
    """Return each needle's name with the table that has it, in clear or encrypted."""
    return _in_clear(needles) | _encrypted(needles) | _in_sessions(needles)


def found_in_broker(client: redis.Redis, needles: Mapping[str, str | bytes]) -> Found:
    """Return what any key holds, also within the body of a message, which Celery writes as base64."""
    content = b"\n".join(part for key in client.scan_iter() for part in (key, *_values(client, key)))
    content += b"".join(base64.b64decode(body) for body in BODY.findall(content))
    forms = {name: (_bytes(each), _bytes(each).hex().encode()) for name, each in needles.items()}
    return {(name, "broker") for name, those in forms.items() if any(each in content for each in those)}


def _values(client: redis.Redis, key: bytes) -> list[bytes]:
    """Return all that a key holds. A dump would not do: longer values are compressed in it."""
    found: Any
    kind = client.type(key)
    if kind == b"string":
        found = [client.get(key)]
    elif kind == b"list":
        found = client.lrange(key, 0, -1)
    elif kind == b"hash":
        found = [part for pair in client.hgetall(key).items() for part in pair]  # type: ignore[union-attr]
    elif kind == b"set":
        found = client.smembers(key)
    elif kind == b"zset":
        found = client.zrange(key, 0, -1)
    else:
        raise AssertionError(f"a kind of key that is not searched: {kind!r}")
    return list(found)


def _in_clear(needles: Mapping[str, str | bytes]) -> Found:
    found: Found = set()
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            for name, needle in needles.items():
                forms = [_bytes(needle).hex(), *([needle] if isinstance(needle, str) else [])]
                cursor.execute(
                    f'SELECT EXISTS (SELECT FROM "{table}" t WHERE t::text LIKE ANY(%s))',
                    [[f"%{form}%" for form in forms]],
                )
                if cursor.fetchone()[0]:
                    found.add((name, table))
    return found


def _encrypted(needles: Mapping[str, str | bytes]) -> Found:
    found: Found = set()
    for sealed in SEALED:
        table = sealed.model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT t.{sealed.column}, {sealed.bound_to} FROM {table} t WHERE t.{sealed.column} IS NOT NULL"
            )
            rows = cursor.fetchall()
        opened = b"\n".join(cipher().decrypt(bytes(stored), bound_to=bound_to) for stored, bound_to in rows)
        found |= {(name, f"{table} (encrypted)") for name, each in needles.items() if _bytes(each) in opened}
    return found


def _in_sessions(needles: Mapping[str, str | bytes]) -> Found:
    content = []
    for row in Session.objects.all():
        request: Any = type("Request", (), {"session": row.get_decoded()})()
        content.append(f"{request.session} {drafts.load(request)}".encode())
    whole = b"\n".join(content)
    return {(name, "django_session (opened)") for name, each in needles.items() if _bytes(each) in whole}


def _bytes(needle: str | bytes) -> bytes:
    return needle.encode() if isinstance(needle, str) else needle


def tables_with(text: str) -> set[str]:
    return {table for _, table in found_in_database({"text": text})}


def named(found: Iterable[tuple[str, str]]) -> list[str]:
    return sorted(f"{what} in {where}" for what, where in found)
