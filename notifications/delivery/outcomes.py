"""OUTCOME: write what gateways report in one statement: answers, receipts and polls alike.

States only move forward: the statement changes no final state, and a notice follows a delivery only while that
delivery is its newest attempt (the fence). But a message that has arrived ends its notice whichever attempt it was, and
overrides all earlier reports of that attempt (docs/adr/0023).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from notifications.alarms import report_account, report_foreign, report_notified_twice
from notifications.channels.codes.numbers import WRONG_NUMBER
from notifications.channels.contract import Outcome, Verdict
from notifications.delivery import moves
from notifications.delivery.fit import UNFIT
from notifications.delivery.gateways import HELD_BACK, NO_PROVIDER, account_codes, gateways_of, value_codes
from notifications.delivery.stop_template import (
    by_gateway,
    doubt_template,
    many_of_batch,
    stop_at_its_gateways,
    stop_template,
)
from notifications.models import reach
from notifications.models.delivery_hour import ENDED, LONGEST
from notifications.states import DELIVERED, FAILED, PUT_OFF, RETURNED, SENT, UNKNOWN
from secretary.kernel.database.prepared import Prepared, number_array, text_array
from secretary.kernel.database.sql import read_sql, sql_list

DELIVERY_STATE = {
    Verdict.ACCEPTED: SENT,
    Verdict.DELIVERED: DELIVERED,
    Verdict.UNDELIVERABLE: FAILED,
    Verdict.TEMPLATE_REJECTED: FAILED,
    Verdict.RETRY_LATER: RETURNED,
    Verdict.UNKNOWN: UNKNOWN,
}
_TYPES = {
    "ids": "bigint[]",
    "states": "text[]",
    "codes": "text[]",
    "vendor_ids": "text[]",
    "waits": "float8[]",
    "marks": "int[]",
    "reporters": "text[]",
    "gateways": "text[]",
    "unfit": "text[]",
    "held_back": "text[]",
    "now": "timestamptz",
    "receipt_wait": "float8",
    "unknown_wait": "float8",
    "most": "int",
    "retry_base": "float8",
    "retry_most": "float8",
}


def _statement(name: str, *, moved: str, reports: str) -> Prepared:
    sql = read_sql(
        "notifications",
        "apply_outcomes",
        moved=moved,
        reports=reports,
        put_off=PUT_OFF,
        ended=sql_list(ENDED),
        delivered=DELIVERED,
        widest=str(LONGEST),
        count_reached=reach.COUNT_DELIVERED,
    )
    return Prepared(name, sql, _TYPES)


# One report per delivery, as nearly always: this saves a look-up and a lock for each (docs/adr/0054).
APPLY = _statement("notifications_apply", moved=moves.ONCE, reports="chosen")
APPLY_ANY = _statement(
    "notifications_apply_any",
    moved=moves.ANY,
    reports="(SELECT * FROM chosen UNION ALL SELECT * FROM heard WHERE foreign_to_it)",
)
CARRIED = "SELECT carrier_id, id FROM notifications_delivery WHERE carrier_id = ANY(%(carriers)s) AND id <> carrier_id"
# Marks the follow-up work for deliveries that have moved.
TEMPLATE_REFUSED, VALUE_REFUSED, ACCOUNT_REFUSED, NUMBER_WRONG = 1, 2, 3, 4
WRONG_NUMBERS = "wrong-numbers"  # in place of a gateway's code, of a stop


class Reported(NamedTuple):
    """A report about one delivery."""

    delivery_id: int
    outcome: Outcome  # its reference is not read: the delivery is known
    channel: str = ""  # the channel that the code belongs to; "" where that does not matter
    by_receipt: bool = False  # reported by a callback: it counts only where it fits the delivery
    gateway: str = ""  # of that channel, which reports it; "" where that does not matter


@dataclass(frozen=True, slots=True)
class Applied:
    """How many deliveries moved, and how many of their notices may be tried again at once."""

    moved: int
    free: int
    in_place: int = 0  # of those that moved, the reported ones: without what their bundled messages carried


class Group(NamedTuple):
    """Deliveries that one statement treated alike. `foreign_to`: the channel whose receipts do not fit them, "" where
    they fit. `ids`: those with possible follow-up work."""

    channel: str
    template_id: int
    state: str
    code: str
    mark: int
    foreign_to: str
    rows: int
    ids: list[int] | None
    is_bundle: bool | None  # their messages carried several notices each; False: theirs were carried by another's
    carriers: list[int] | None  # the deliveries by which the gateway knows bundles


NOTHING = Applied(0, 0)


def apply_outcomes(reported: Sequence[Reported], *, now: datetime, soon: bool = False) -> Applied:
    """Write outcomes of any number of deliveries in one statement. Follow-up work (stopping a template, raising an
    alarm) is done only for deliveries that this statement has moved.

    `soon`: if all have arrived as expected, a crash of the database may lose this; then they are polled (ADR 78).
    """
    if not reported:
        return NOTHING
    with transaction.atomic(savepoint=False):
        with connection.cursor() as cursor:
            groups = _move(cursor, reported, now, moves.SOON if soon else moves.IN_ORDER)
            in_place = sum(group.rows for group in groups if not group.foreign_to)
            if soon and not (in_place == len(reported) and all(map(_as_expected, groups))):
                cursor.execute(moves.DURABLY)
            if carriers := {pk for group in groups for pk in group.carriers or ()}:
                groups += _apply_to_carried(cursor, [each for each in reported if each.delivery_id in carriers], now)
        moved = [group for group in groups if not group.foreign_to]
        _follow_up(moved, now)
        if foreign := [(group.foreign_to, group.rows) for group in groups if group.foreign_to]:
            report_foreign(foreign, now=now)
    free = sum(group.rows for group in moved if group.state == FAILED)
    return Applied(sum(group.rows for group in moved), free, in_place)


def _as_expected(group: Group) -> bool:
    """Return whether these arrived while their gateway was still polled, each with a message of its own."""
    return group.state == DELIVERED and not group.ids and not group.foreign_to and group.is_bundle is None


def _move(cursor: Any, reported: Sequence[Reported], now: datetime, after: str) -> list[Group]:
    values = _values(reported, now)
    groups: list[Group] = []
    if len({each.delivery_id for each in reported}) == len(reported):
        groups = _grouped(cursor, APPLY, values, after)
        if sum(group.rows for group in groups) == len(reported) or not any(each.by_receipt for each in reported):
            return groups
    # What has moved is not moved again: no move leads back to its own state. Receipts that fit no delivery are found.
    return groups + _grouped(cursor, APPLY_ANY, values, after)


def _grouped(cursor: Any, statement: Prepared, values: dict[str, Any], after: str = moves.IN_ORDER) -> list[Group]:
    statement.execute(cursor, values, after=after)
    return [Group._make(row) for row in cursor.fetchall()]


def _apply_to_carried(cursor: Any, of_carriers: Sequence[Reported], now: datetime) -> list[Group]:
    """Apply the outcomes of messages that carried several notices to the deliveries of the others as well.

    The statement and rules are the same. Templates and accounts are handled for the carrier only.
    """
    cursor.execute(CARRIED, {"carriers": [each.delivery_id for each in of_carriers]})
    carried: dict[int, list[int]] = defaultdict(list)
    for carrier, delivery in cursor.fetchall():
        carried[carrier].append(delivery)
    theirs = [each._replace(delivery_id=pk) for each in of_carriers for pk in carried[each.delivery_id]]
    if not theirs:
        return []
    return _grouped(cursor, APPLY_ANY, _values(theirs, now) | {"marks": number_array([0] * len(theirs))})


def _follow_up(moved: Sequence[Group], now: datetime) -> None:
    for group in moved:
        if group.is_bundle and group.mark in (TEMPLATE_REFUSED, VALUE_REFUSED):
            _refused_bundles(group, now)
        elif group.mark == TEMPLATE_REFUSED:
            stop_at_its_gateways(delivery_ids=group.ids or [], code=group.code, now=now)
        elif group.mark == VALUE_REFUSED:
            doubt_template(delivery_ids=group.ids or [], code=group.code, now=now)
        elif group.mark == ACCOUNT_REFUSED:
            report_account(channel=group.channel, code=group.code, now=now)
    _stop_where_numbers_are_wrong(moved, now)
    arrived_late = [pk for group in moved if group.state == DELIVERED for pk in group.ids or []]
    if arrived_late:
        report_notified_twice(delivery_ids=arrived_late, now=now)


def _stop_where_numbers_are_wrong(moved: Sequence[Group], now: datetime) -> None:
    """Stop a template at a provider that reports too many wrong numbers of one batch: people have proved their numbers
    by a code, so this is a mistake at the vendor or in our rows.

    Arrivals may be reported apart from failures: the batch is everything that was handed over between the first and
    the last of these failures.
    """
    wrong: dict[tuple[str, int], list[int]] = defaultdict(list)
    for group in moved:
        if group.mark == NUMBER_WRONG and group.is_bundle is None:
            wrong[group.channel, group.template_id] += group.ids or []
    for (channel, template_id), ids in wrong.items():
        if len(ids) <= settings.WRONG_NUMBERS_LEAST:
            continue
        for gateway, those in by_gateway(ids).items():
            of_batch = many_of_batch(template_id, gateway, those)
            if of_batch is not None:
                why = f"reports {len(those)} of the {of_batch} numbers of one batch as wrong for this message template"
                stop_template(
                    template_id=template_id, channel=channel, gateway=gateway, code=WRONG_NUMBERS, now=now, why=why
                )


def _refused_bundles(group: Group, now: datetime) -> None:
    """Stop the service's own template at its provider: another provider carries bundled messages, or notices go out one
    by one until the template is corrected. Its values are our own titles, so a refused value is its fault too."""
    stop_at_its_gateways(delivery_ids=group.carriers or [], code=group.code, now=now)


def _mark(verdict: Verdict, code: str, channel: str, gateway: str) -> int:
    if verdict is Verdict.TEMPLATE_REJECTED:
        return TEMPLATE_REFUSED
    if verdict is not Verdict.UNDELIVERABLE:
        return 0
    gateway = gateway or next(iter(gateways_of(channel)), "")
    if code in account_codes(gateway):
        return ACCOUNT_REFUSED
    if code in WRONG_NUMBER.get(gateway, ()):
        return NUMBER_WRONG
    return VALUE_REFUSED if code in value_codes(gateway) else 0


def _pass_on(states: list[str], reported: Iterable[Reported]) -> list[str]:
    """Return what a provider refuses by its template, where the channel has others, to the queue; return the codes. The
    template is stopped there: the next claim finds the next provider that may be given it, or the next channel."""
    codes = []
    for nth, each in enumerate(reported):
        if each.outcome.verdict is Verdict.TEMPLATE_REJECTED and len(gateways_of(each.channel)) > 1:
            states[nth] = RETURNED
            codes.append(each.outcome.code[:40])
    return codes


def _values(reported: Iterable[Reported], now: datetime) -> dict[str, Any]:
    ids, outcomes, channels, by_receipt, gateways = zip(*reported, strict=True)
    _, verdicts, codes, vendor_ids, waits = zip(*outcomes, strict=True)
    states = [DELIVERY_STATE[verdict] for verdict in verdicts]
    held_back = list(HELD_BACK)
    if Verdict.TEMPLATE_REJECTED in verdicts:
        held_back += _pass_on(states, reported)
    return {
        "now": now,
        "ids": number_array(ids),
        "states": text_array(states),
        "codes": text_array([code[:40] for code in codes]),
        "vendor_ids": text_array([vendor_id[:80] for vendor_id in vendor_ids]),
        "waits": number_array([wait or 0.0 for wait in waits]),
        "marks": number_array(map(_mark, verdicts, codes, channels, gateways)),
        "reporters": text_array([channel if by else "" for channel, by in zip(channels, by_receipt, strict=True)]),
        "gateways": text_array(gateways),
        "unfit": [*UNFIT, NO_PROVIDER],
        "held_back": held_back,
        "receipt_wait": settings.RECEIPT_WAIT_SECONDS,
        "unknown_wait": settings.UNKNOWN_WAIT_SECONDS,
        "most": settings.MAX_ATTEMPTS,
        "retry_base": settings.RETRY_BASE_SECONDS,
        "retry_most": settings.RETRY_MAX_SECONDS,
    }
