"""END: remove lines of the trail whose time is over (docs/adr/0044). Their seals stay: every other line is verified as
before, and a line of the trail itself says that some have ended.

The application may only add to the trail. It names the lines; a function of the tables' owner removes those that were
sealed two years ago and no others (migration 0005).
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction

from secretary.kernel.models import AuditEnd

BLOCK = 1000
# A line of the chain before migration 0002 has no seal of its own: the whole chain was sealed as position 0.
LINES = """
SELECT e.id, e.action, e.object, CASE WHEN e.hash <> '' THEN old.linked_at ELSE l.linked_at END
FROM common_auditevent e LEFT JOIN common_auditlink l ON l.event_id = e.id
LEFT JOIN common_auditlink old ON old.position = 0
WHERE e.id > %s ORDER BY e.id LIMIT %s
"""


class Line(NamedTuple):
    id: int
    action: str
    object: str
    sealed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One rule of what ends when. `ends`: which of these lines, all of them old enough. `again`: what does not end now
    may end later, so that the walk begins anew at its end."""

    rule: str
    period: Callable[[], timedelta]
    ends: Callable[[Sequence[Line]], Collection[int]]
    again: bool = False


def end_audit(terms: Sequence[Term], *, now: datetime, seconds: float) -> int:
    """Walk on from where each rule's last run ended, for about so long in all; return how many lines were removed."""
    end = time.monotonic() + seconds
    return sum(_walk(term, now - term.period(), end) for term in terms)


def _walk(term: Term, before: datetime, end: float) -> int:
    AuditEnd.objects.get_or_create(rule=term.rule)
    removed, goes_on = 0, True
    while goes_on:
        gone, goes_on = _block(term, before)
        removed += gone
        goes_on = goes_on and time.monotonic() < end
    return removed


@transaction.atomic
def _block(term: Term, before: datetime) -> tuple[int, bool]:
    """Return how many lines were removed, and whether there are more that are old enough."""
    mark = AuditEnd.objects.select_for_update().get(rule=term.rule)
    with connection.cursor() as cursor:
        cursor.execute(LINES, [mark.after, BLOCK])
        found = [Line(*row) for row in cursor.fetchall()]
        old = []
        for line in found:
            if line.sealed_at is None or line.sealed_at >= before:
                break
            old.append(line)
        chosen = list(term.ends(old)) if old else []
        gone = 0
        if chosen:
            cursor.execute("SELECT common_end_audit(%s::bigint[])", [chosen])
            gone = int(cursor.fetchone()[0])
    is_last = len(old) < BLOCK
    mark.after = 0 if is_last and term.again else old[-1].id if old else mark.after
    mark.save(update_fields=["after"])
    return gone, not is_last
