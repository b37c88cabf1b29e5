"""Seal the lines of the audit trail that wait, and report how far the seals go. Writers never wait for this."""

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

BATCH = 10_000  # lines in one transaction: about half a second
HEAD = """
SELECT l.position, encode(l.hash, 'hex'), l.position + (
    SELECT count(*) FROM common_auditevent e WHERE e.id <= (SELECT event_id FROM common_auditlink WHERE position = 0)
), clock_timestamp() FROM common_auditlink l ORDER BY l.position DESC LIMIT 1
"""
# A line that vanished from the trail before it was sealed still has its place in the queue.
UNSEALED = """
SELECT count(*) FROM common_auditpending p LEFT JOIN common_auditevent e ON e.id = p.event_id
WHERE e.id IS NULL OR e.written_at < clock_timestamp() - make_interval(mins => %s)
"""
LINE = re.compile(r'\{"position": (\d+), "hash": "([0-9a-f:]+)", "count": (\d+), "at": "([^"]+)"\}')


@dataclass(frozen=True, slots=True)
class Head:
    """The newest seal: an auditor who keeps it can find out later whether lines up to it were cut off or changed."""

    position: int
    hash: str  # SHA-256, hexadecimal
    count: int  # lines under this seal, those of the chain before migration 0002 too
    at: datetime  # by the database's clock

    def line(self) -> str:
        """Return one line of JSON, for a file or a log that is kept elsewhere.

        The hash is written in groups: a run of digits in it could look like a phone number, which logs mask.
        """
        grouped = ":".join(self.hash[start : start + 4] for start in range(0, len(self.hash), 4))
        return json.dumps({**asdict(self), "hash": grouped, "at": self.at.isoformat()})


def read_heads(text: str) -> list[Head]:
    """Return the heads in a file that was exported, or in a log that has them among other lines, also as strings of
    JSON."""
    found = LINE.findall(text.replace('\\"', '"'))
    return [
        Head(int(position), seal.replace(":", ""), int(count), datetime.fromisoformat(at))
        for position, seal, count, at in found
    ]


def link_audit() -> int:
    """Seal all lines that wait, in batches; how many this call sealed (0 too where another linker is at work)."""
    linked = 0
    while (batch := _link_batch()) > 0:
        linked += batch
    return linked


def unsealed_too_long() -> int:
    """Lines that were written AUDIT_SEAL_ALARM_MINUTES ago and are not sealed, or vanished before they were."""
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED, [settings.AUDIT_SEAL_ALARM_MINUTES])
        return int(cursor.fetchone()[0])


def audit_head() -> Head | None:
    """Return the newest seal; None where nothing was ever sealed."""
    with connection.cursor() as cursor:
        cursor.execute(HEAD)
        row = cursor.fetchone()
    return Head(*row) if row else None


def _link_batch() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT common_link_audit(%s)", [BATCH])
        return int(cursor.fetchone()[0])
