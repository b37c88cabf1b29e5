"""Verify the whole audit trail, page by page, in SQL: memory and each statement stay small however long it is.

What is found: a line or a seal that was altered, one that was removed, a line that was put in past the queue, and,
against heads that were exported before, an end that was cut off or written anew. A line whose time was over has left
its seal behind (docs/adr/0044): that is right where a line of the trail, two years younger than the seal, says so.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from secretary.kernel.audit.audit_links import Head, audit_head

PAGE = 20_000
MOST_FINDINGS = 1000  # a longer list would help no auditor

# With built-in functions only: a function of the database would be the first thing that a forger changes.
SEAL = """sha256(l.previous_hash || convert_to(jsonb_build_array(l.position, extract(epoch FROM l.linked_at), e.id,
    extract(epoch FROM e.at), e.actor, e.action, e.citizen_id, e.object, e.reason,
    extract(epoch FROM e.written_at))::text, 'UTF8'))"""
OLD_HASH = """sha256(e.previous_hash || convert_to(jsonb_build_array(e.id, extract(epoch FROM e.at), e.actor,
    e.action, e.citizen_id, e.object, e.reason)::text, 'UTF8'))"""
# Each page gives what does not fit, and its last row, from which the next page goes on.
SEALS = f"""
WITH page AS MATERIALIZED (
    SELECT l.*, lag(l.position, 1, %(position)s) OVER w AS place_before, lag(l.hash, 1, %(hash)s) OVER w AS hash_before
    FROM (SELECT * FROM common_auditlink WHERE position > %(position)s ORDER BY position LIMIT %(page)s) l
    WINDOW w AS (ORDER BY l.position)
), judged AS (
    SELECT l.position, l.hash, l.event_id, coalesce(e.at, l.linked_at) AS at, CASE
        WHEN l.position <> l.place_before + 1 THEN 'seal_removed'
        WHEN l.previous_hash <> l.hash_before AND l.position > 0 THEN 'seal_altered'
        WHEN e.id IS NULL AND l.linked_at > coalesce(%(ended)s::timestamptz, '-infinity') THEN 'removed'
        WHEN e.id IS NULL AND l.linked_at < (
            SELECT b.linked_at - interval '1 day' FROM common_auditlink b WHERE b.position = l.position - 1
        ) THEN 'seal_altered'
        WHEN e.id IS NULL THEN NULL
        WHEN l.hash <> CASE WHEN l.position = 0 THEN e.hash ELSE {SEAL} END THEN 'altered'
    END AS kind FROM page l LEFT JOIN common_auditevent e ON e.id = l.event_id
)
SELECT position, hash, event_id, at, kind FROM judged
WHERE kind IS NOT NULL OR position = (SELECT max(position) FROM page) ORDER BY position
"""  # noqa: S608  (constants)
OLD_LINES = f"""
WITH page AS MATERIALIZED (
    SELECT e.*, lag(e.hash, 1, %(hash)s) OVER (ORDER BY e.id) AS hash_before
    FROM (SELECT * FROM common_auditevent WHERE id > %(position)s AND id <= %(old_end)s AND hash <> ''
          ORDER BY id LIMIT %(page)s) e
), judged AS (
    SELECT e.id, e.hash, e.at, CASE
        WHEN e.hash <> {OLD_HASH} THEN 'altered'
        WHEN e.previous_hash <> e.hash_before AND NOT %(old_ended)s THEN 'removed_before'
    END AS kind FROM page e
)
SELECT id, hash, id, at, kind FROM judged WHERE kind IS NOT NULL OR id = (SELECT max(id) FROM page) ORDER BY id
"""  # noqa: S608  (constants)
# A line without a seal is one of the old chain, or waits in the queue; or it was not written the way lines are written.
LINES = """
WITH page AS MATERIALIZED (
    SELECT id, at, written_at, hash FROM common_auditevent WHERE id > %(position)s ORDER BY id LIMIT %(page)s
), judged AS (
    SELECT e.id, e.at, CASE
        WHEN l.position IS NOT NULL OR (e.id <= %(old_end)s AND e.hash <> '') THEN NULL
        WHEN p.event_id IS NULL THEN 'inserted'
        WHEN e.written_at < clock_timestamp() - make_interval(mins => %(minutes)s) THEN 'unsealed'
    END AS kind FROM page e
    LEFT JOIN common_auditlink l ON l.event_id = e.id LEFT JOIN common_auditpending p ON p.event_id = e.id
)
SELECT id, ''::bytea, id, at, kind FROM judged WHERE kind IS NOT NULL OR id = (SELECT max(id) FROM page) ORDER BY id
"""
# No line that was sealed later than this has ended. The clocks of linkers may differ, by less than a day.
ENDED = "SELECT max(written_at) - interval '731 days' FROM common_auditevent WHERE action = 'audit.ended'"
OLD_ENDED = "SELECT linked_at <= %s FROM common_auditlink WHERE position = 0"
TOO_OLD = "SELECT linked_at < %s - interval '1 day' FROM common_auditlink WHERE position = %s"
VANISHED = """
SELECT p.event_id FROM common_auditpending p
WHERE NOT EXISTS (SELECT 1 FROM common_auditevent e WHERE e.id = p.event_id) ORDER BY 1 LIMIT %s
"""
WORDS = {
    "altered": "was altered, or its seal was",
    "removed": "was removed",
    "removed_before": "does not follow the line before it: one was removed or inserted",
    "seal_removed": "has a seal that does not follow: seals before it were removed",
    "seal_altered": "has a seal that does not fit the one before: one of the two was altered",
    "inserted": "was put in past the trigger: it has no seal and waits for none",
    "unsealed": "waits for its seal for too long",
    "vanished": "was removed before it was sealed",
    "cut_off": "is in an exported head and not here: the end was cut off",
    "rewritten": "has another seal than in an exported head: the trail was written anew",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not fit: a key of WORDS, the line, its place in the chain, and the time that the line states."""

    kind: str
    event_id: int | None = None
    position: int | None = None
    at: datetime | None = None

    def __str__(self) -> str:
        what = f"position {self.position}" if self.event_id is None else f"line {self.event_id}"
        return f"{what}{f' of {self.at.isoformat()}' if self.at else ''} {WORDS[self.kind]}"


@dataclass(slots=True)
class Verdict:
    """All that was found, up to MOST_FINDINGS, and the newest seal (None: nothing was ever sealed)."""

    head: Head | None
    findings: list[Finding] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.findings


def verify_audit(*, heads: Sequence[Head] = (), report: Callable[[str], None] = lambda _: None) -> Verdict:
    """Read everything once. `heads`: what was exported before. Raises what the database raises."""
    verdict = Verdict(audit_head())
    for finding in _all_findings(heads, report):
        verdict.findings.append(finding)
        if len(verdict.findings) >= MOST_FINDINGS:
            break
    return verdict


def _all_findings(heads: Sequence[Head], report: Callable[[str], None]) -> Iterator[Finding]:
    old_end = _one("SELECT event_id FROM common_auditlink WHERE position = 0")
    ended = _one(ENDED)
    report("seals")
    start = -1 if old_end is not None else 0
    for position, _, event_id, at, kind in _pages(SEALS, start=start, ended=ended):
        yield Finding(kind, event_id, position, at)
    values = {
        "old_end": old_end or 0,
        "old_ended": bool(_one(OLD_ENDED, ended)),
        "minutes": settings.AUDIT_SEAL_ALARM_MINUTES,
    }
    for name, statement in (("lines of the chain before", OLD_LINES), ("lines", LINES)):
        report(name)
        for _, _, event_id, at, kind in _pages(statement, start=0, **values):
            yield Finding(kind, event_id, None, at)
    with connection.cursor() as cursor:
        cursor.execute(VANISHED, [MOST_FINDINGS])
        yield from (Finding("vanished", event_id) for (event_id,) in cursor.fetchall())
    report("exported heads")
    for head in heads:
        found = _one("SELECT encode(hash, 'hex') FROM common_auditlink WHERE position = %s", head.position)
        if found != head.hash:
            yield Finding("cut_off" if found is None else "rewritten", None, head.position, head.at)
        elif _one(TOO_OLD, head.at, head.position + 1):  # it was sealed after the head: its time was moved back
            yield Finding("seal_altered", None, head.position + 1, head.at)


def _pages(statement: str, *, start: int, **values: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that do not fit, of page after page."""
    position, before = start, b""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, {**values, "position": position, "hash": before, "page": PAGE})
            rows = cursor.fetchall()
        if not rows:
            return
        yield from (row for row in rows if row[-1] is not None)
        position, before = rows[-1][0], bytes(rows[-1][1])


def _one(statement: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return row[0] if row else None
