"""Read the history of a person's choices, as the database has kept it: what changed when, and who did it.

Rows of history that one transaction wrote have one time and are one change. Who did it stands on the audit trail, in a
line that the same transaction wrote a moment later.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from secretary.kernel.database.kept_queries import KeptQuery, Together
from secretary.kernel.models import AuditEvent
from subscriptions.models import ChannelChoice, Citizen, Consent, Contact, Subscription

CHANGES_A_PAGE = 20
ROWS_A_PAGE = 150  # of each table: the largest change, a sign-up for all kinds, writes a tenth of that
SAME_TRANSACTION = timedelta(minutes=1)  # between the first row and the line of the trail


class Fact(NamedTuple):
    """One thing that changed. `what`: signed_up, language, hours, calm, display, channels, number, number_confirmed,
    number_lost, toss_linked, toss_unlinked, started, stopped, agreed, withdrawn."""

    what: str
    value: Any = None


class Change(NamedTuple):
    """What one transaction changed. `by`: the actor on the trail; "": none is recorded."""

    at: datetime
    by: str
    facts: list[Fact]


class History(NamedTuple):
    """One page, newest first. `older`: the time before which the next page begins; None: this is the last."""

    changes: list[Change]
    older: datetime | None


def history_of(citizen_id: UUID, *, before: datetime | None = None) -> History:
    """Return the changes before that time; None: the newest."""
    tables = _rows(citizen_id, before)
    cut = max((rows[-1].pgh_created_at for rows in tables.values() if len(rows) == ROWS_A_PAGE), default=None)
    facts: dict[datetime, list[Fact]] = defaultdict(list)
    for model, rows in tables.items():
        for at, fact in _FACTS[model](rows):
            facts[at].append(fact)
    whole = sorted((at for at in facts if cut is None or at > cut), reverse=True)
    shown = whole[:CHANGES_A_PAGE]
    by = _actors(citizen_id, shown)
    older = shown[-1] if shown and (len(whole) > len(shown) or cut is not None) else None
    return History([Change(at, by.get(at, ""), facts[at]) for at in shown], older)


def _rows(citizen_id: UUID, before: datetime | None) -> dict[Any, list[Any]]:
    """Return the newest rows of each table, by one statement."""
    found = NEWEST.rows(citizen=citizen_id) if before is None else OLDER.rows(citizen=citizen_id, before=before)
    return {model: found[model.__name__] for model in _FACTS}


def _events(model: Any, citizen: UUID, **which: Any) -> Any:
    person = "pgh_obj_id" if model is Citizen else "citizen_id"
    found = model.pgh_event_model.objects.filter(**{person: citizen}, **which)
    return found.order_by("-pgh_created_at", "-pgh_id")[:ROWS_A_PAGE]


def _newest(model: Any, citizen: UUID) -> Any:
    return _events(model, citizen)


def _before(model: Any, citizen: UUID, before: datetime) -> Any:
    return _events(model, citizen, pgh_created_at__lt=before)


LINES = KeptQuery(
    lambda citizen, since, before: (
        AuditEvent.objects.filter(citizen_id=citizen, written_at__gte=since, written_at__lt=before)
        .order_by("id")
        .values_list("written_at", "actor")
    )
)


def _actors(citizen_id: UUID, times: Sequence[datetime]) -> dict[datetime, str]:
    if not times:
        return {}
    lines = LINES.rows(citizen=citizen_id, since=times[-1], before=times[0] + SAME_TRANSACTION)
    written = [(when, by) for when, by in lines if when is not None]
    first = {at: next(((when, by) for when, by in written if when >= at), None) for at in times}
    return {at: line[1] for at, line in first.items() if line and line[0] - at < SAME_TRANSACTION}


def _of_citizen(rows: Sequence[Any]) -> Iterable[tuple[datetime, Fact]]:
    if rows and rows[-1].pgh_label == "insert":
        yield rows[-1].pgh_created_at, Fact("signed_up", rows[-1].registered_by)
    for row, former in pairwise(rows):
        compared = {
            "language": (row.language, former.language),
            "hours": ((row.hours_from, row.hours_to), (former.hours_from, former.hours_to)),
            "calm": ((row.calm, row.calm_at, row.calm_weekday), (former.calm, former.calm_at, former.calm_weekday)),
            "display": ((row.text_size, row.contrast), (former.text_size, former.contrast)),
        }
        for what, (now, was) in compared.items():
            if now != was:
                yield row.pgh_created_at, Fact(what, now)


def _of_channels(rows: Sequence[Any]) -> Iterable[tuple[datetime, Fact]]:
    orders: dict[datetime, list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        if row.pgh_label == "insert":
            orders[row.pgh_created_at].append((row.position, row.channel))
    for at, order in orders.items():
        yield at, Fact("channels", [channel for _position, channel in sorted(order)])


def _of_contacts(rows: Sequence[Any]) -> Iterable[tuple[datetime, Fact]]:
    former: dict[int, datetime] = {}
    for row in reversed(rows):
        is_new = former.get(row.pgh_obj_id) != row.changed_at
        former[row.pgh_obj_id] = row.changed_at
        if row.kind == Contact.TOSS_USER_KEY:
            if row.pgh_label == "delete" or is_new:
                yield row.pgh_created_at, Fact("toss_unlinked" if row.pgh_label == "delete" else "toss_linked")
        elif row.pgh_label != "delete":
            lost = row.suspended_at is not None
            yield row.pgh_created_at, Fact("number_lost" if lost else "number" if is_new else "number_confirmed")


def _of_subscriptions(rows: Sequence[Any]) -> Iterable[tuple[datetime, Fact]]:
    for row in rows:
        if row.pgh_label == "insert" or row.ended_at is not None:
            yield row.pgh_created_at, Fact("stopped" if row.ended_at else "started", row.data_type_id)


def _of_consents(rows: Sequence[Any]) -> Iterable[tuple[datetime, Fact]]:
    for row in rows:
        if row.pgh_label == "insert" or row.withdrawn_at is not None:
            yield row.pgh_created_at, Fact("withdrawn" if row.withdrawn_at else "agreed", row.text_id)


_FACTS: dict[Any, Any] = {
    Citizen: _of_citizen,
    ChannelChoice: _of_channels,
    Contact: _of_contacts,
    Subscription: _of_subscriptions,
    Consent: _of_consents,
}
NEWEST, OLDER = (
    Together(**{model.__name__: KeptQuery(partial(of_a_table, model)) for model in _FACTS})
    for of_a_table in (_newest, _before)
)
