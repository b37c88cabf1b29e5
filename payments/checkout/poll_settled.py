"""LATER: find refunds at the console of a provider that publishes neither a settlement list nor an event.

The nightly comparison polls such a provider about the orders of a day or two and never again. So settled payments are
polled once more on a few days after it (PAYMENT_POLL_SETTLED_DAYS): they are scheduled among the polls, where
poll_payments.py polls each apart and take_outcome.py decides by what is left. Where a provider publishes a list, that
list has the refunds of its day, and nothing is polled.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from payments import adapters
from payments.adapters import NotOffered
from payments.states import SETTLED, SURPLUS
from secretary.kernel.models import ScheduledRun
from secretary.kernel.time.clock import kst_date, kst_instant

RUN = "poll_settled"
LOOK_BACK = 7  # days that are made up for if no worker ran
# Spread over six hours, so that a payment whose outcome is unknown never waits behind a whole day's settled ones. A
# payment whose next poll is scheduled already is left alone.
PLAN = """
WITH settled AS (
    SELECT p.id, row_number() OVER (ORDER BY p.id) - 1 AS place, count(*) OVER () AS rows
    FROM payments_settlement s JOIN payments_payment p ON p.id = s.payment_id
    WHERE s.day = ANY(%(days)s) AND p.provider = ANY(%(providers)s) AND p.state = ANY(%(states)s) AND p.ask_at IS NULL
)
UPDATE payments_payment p SET asked = 0,
    ask_at = statement_timestamp() + interval '6 hours' * settled.place / settled.rows
FROM settled WHERE p.id = settled.id AND p.ask_at IS NULL
"""


def poll_settled(*, now: datetime) -> int:
    """Schedule the polls of today, and of days that were missed. Returns how many payments will be polled."""
    names = [name for name in settings.PAYMENT_PROVIDERS if not _lists(name)]
    if not names or not settings.PAYMENT_POLL_SETTLED_DAYS:
        return 0
    return _plan(names, now)


def _lists(name: str) -> bool:
    try:
        return adapters.provider(name).lists_settlements
    except NotOffered:
        return True  # it cannot be polled at all; the comparison of the day names it


@transaction.atomic
def _plan(names: list[str], now: datetime) -> int:
    days = [kst_date(now) - timedelta(days=back) for back in range(LOOK_BACK)]
    afters = settings.PAYMENT_POLL_SETTLED_DAYS
    paid_on = [day - timedelta(days=after) for day in days if _first(day, now) for after in afters]
    if not paid_on:
        return 0
    values: dict[str, Any] = {"days": paid_on, "providers": names, "states": [*SETTLED, SURPLUS]}
    with connection.cursor() as cursor:
        cursor.execute(PLAN, values)
        return int(cursor.rowcount)


def _first(day: date, now: datetime) -> bool:
    _, created = ScheduledRun.objects.get_or_create(name=RUN, due_at=kst_instant(day), defaults={"started_at": now})
    return created
