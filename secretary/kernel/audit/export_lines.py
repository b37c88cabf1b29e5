"""Export lines of the trail with their seals, so that an outsider can verify them without us (docs/audit-export.md).

A *section* has every position between its first and its last: an outsider can follow the chain. An *extract* has the
chosen lines only: each can be held against its own seal. Both leave with their digest on the trail.
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Max, Min

from secretary.kernel.audit.action_words import LANGUAGES, words_in
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.audit.audit_links import audit_head, link_audit
from secretary.kernel.audit.find_lines import Chosen, lines
from secretary.kernel.database.tabular import neutralise
from secretary.kernel.models import AuditLink

MOST = 50_000  # lines in one file: some 25 MB
FORMATS = ("jsonl", "csv")
SEALED = ("position", "sealed_at", "previous_hash", "hash")
LINE = ("id", "at", "actor", "action", "citizen_id", "object", "reason", "written_at")
WORDS = tuple(f"action_{language}" for language in LANGUAGES)  # beside the code, over which the seal is
COLUMNS = (*SEALED, *LINE, *WORDS)
# A seal whose line has ended stands alone: without it the chain could not be followed (docs/adr/0044).
SELECT = """
SELECT l.position, l.linked_at, encode(l.previous_hash, 'hex'), encode(l.hash, 'hex'),
    e.id, e.at, e.actor, e.action, e.citizen_id, e.object, e.reason, e.written_at
FROM common_auditlink l LEFT JOIN common_auditevent e ON e.id = l.event_id
"""
SECTION = f"{SELECT} WHERE l.position BETWEEN %s AND %s ORDER BY l.position"
EXTRACT = f"{SELECT} WHERE l.position > 0 AND l.event_id = ANY(%s) ORDER BY l.position"
Row = Sequence[Any]
ACTION = COLUMNS.index("action")


class TooMany(Exception):
    """The period or the choice has more lines than one file takes."""


@dataclass(frozen=True, slots=True)
class Exported:
    content: bytes
    name: str
    lines: int
    sha256: str


def export_lines(chosen: Chosen, *, form: str, actor: str, reason: str, now: datetime) -> Exported:
    """Return the file; what left, for whom and why is on the trail with the file's digest. Raises TooMany."""
    link_audit()  # what is not sealed could not be verified
    found = list(lines(chosen).values_list("pk", flat=True)[: MOST + 1])
    if len(found) > MOST:
        raise TooMany
    rows = list(_section(found) if chosen.is_whole else _rows(EXTRACT, [found]))
    content = WRITERS[form](rows, chosen, now)
    digest = hashlib.sha256(content).hexdigest()
    places = f"positions:{rows[0][0]}-{rows[-1][0]}" if rows else "positions:none"
    record_audit(
        now=now,
        actor=actor,
        action="audit.exported",
        citizen_id=chosen.citizen_id,
        object=f"{places} lines:{len(rows)} {form}",
        reason=f"sha256:{digest} {reason}",
    )
    return Exported(content, f"audit-{now:%Y%m%dT%H%M%SZ}.{form}", len(rows), digest)


def _section(found: Sequence[int]) -> Iterator[Row]:
    ends = AuditLink.objects.filter(event__in=found, position__gt=0).aggregate(
        first=Min("position"), last=Max("position")
    )
    if ends["first"] is None:
        return iter(())
    if ends["last"] - ends["first"] >= MOST:
        raise TooMany
    return _rows(SECTION, [ends["first"], ends["last"]])


def _rows(statement: str, values: Sequence[Any]) -> Iterator[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    worded = {action: tuple(words_in(action, each) for each in LANGUAGES) for action in {row[ACTION] for row in rows}}
    yield from ((*row, *worded[row[ACTION]]) for row in rows)


def _as_json_lines(rows: Sequence[Row], chosen: Chosen, now: datetime) -> bytes:
    """The first line says what the file should hold; each other is one line of the trail."""
    head = audit_head()
    about = {
        "kind": _kind(chosen),
        "chosen": chosen.as_words(),
        "made_at": _plain(now),
        "lines": len(rows),
        "first": rows[0][0] if rows else None,
        "last": rows[-1][0] if rows else None,
        "head": {"position": head.position, "hash": head.hash} if head else None,
    }
    written = [about, *(_named(row) for row in rows)]
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in written).encode()


def _named(row: Row) -> Mapping[str, Any]:
    """Return a line by its columns; a seal whose line has ended has only its own."""
    named = dict(zip(COLUMNS, map(_plain, row), strict=True))
    return named if named["id"] is not None else {name: named[name] for name in SEALED}


def _as_csv(rows: Sequence[Row], chosen: Chosen, _now: datetime) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["kind", *COLUMNS])
    for row in rows:
        cells = map(_plain, row)
        writer.writerow([_kind(chosen), *(neutralise(cell) if isinstance(cell, str) else cell for cell in cells)])
    return text.getvalue().encode("utf-8-sig")


def _kind(chosen: Chosen) -> str:
    return "section" if chosen.is_whole else "extract"


def _plain(value: Any) -> Any:
    """Instants in UTC with six digits, as they are sealed; a person's number as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if value is None or isinstance(value, int) else str(value)


WRITERS: Mapping[str, Callable[[Sequence[Row], Chosen, datetime], bytes]] = {"jsonl": _as_json_lines, "csv": _as_csv}
