"""State which lines of the audit trail end when, across all apps (docs/adr/0044, docs/privacy.md)."""

from collections.abc import Collection, Sequence
from uuid import UUID

from secretary.kernel.audit.end_audit import Line, Term
from secretary.kernel.retention import days
from subscriptions.models import Citizen
from subscriptions.own_data.erase import MERGED

MONEY = ("bill.", "payment.", "refund.", "posting.", "difference.")
INTO = "into:"


def _is_money(line: Line) -> bool:
    return line.action.startswith(MONEY)


def _of_what_was_seen_and_done(lines: Sequence[Line]) -> Collection[int]:
    return [line.id for line in lines if line.action != MERGED and not _is_money(line)]


def _of_money(lines: Sequence[Line]) -> Collection[int]:
    return [line.id for line in lines if _is_money(line)]


def _of_people_who_left(lines: Sequence[Line]) -> Collection[int]:
    """Return mergers into rows that are erased or gone. By the others an erasure finds all rows of its person."""
    into = {line.id: UUID(line.object.removeprefix(INTO)) for line in lines if line.action == MERGED}
    enrolled = set(
        Citizen.objects.filter(pk__in=into.values()).exclude(state=Citizen.ERASED).values_list("pk", flat=True)
    )
    return [line for line, row in into.items() if row not in enrolled]


TERMS = (
    Term(rule="seen and done", period=days("audit"), ends=_of_what_was_seen_and_done),
    Term(rule="money", period=days("erased_payments", days("payments")), ends=_of_money),
    Term(rule="mergers", period=days("audit"), ends=_of_people_who_left, again=True),
)
