"""Say in a list of records what each debt costs today, that it is paid, or that a payment of it is being confirmed.

As its bill says at this moment (payments/web/bill_view.py), by fewer statements than showing the bill takes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from notifications.matching.prices import PriceUnknown
from notifications.models.declared_holiday import take_declared_holidays
from payments.bills.bills import is_owed, standing_bills
from payments.bills.prices import TariffPrices
from payments.models import Bill
from payments.states import CONFIRMING, PAID, UNKNOWN
from payments.words import BILL_STATES, IN_REVIEW
from secretary.kernel.database.prepared import planned
from secretary.kernel.database.sql import read_sql, sql_list
from secretary.kernel.time.clock import kst_date
from subscriptions.models import Citizen

PRICES = TariffPrices()
TODAY = planned(read_sql("payments", "debts_today", pending=sql_list((CONFIRMING, UNKNOWN))))


@dataclass(frozen=True, slots=True)
class DebtToday:
    """`owes`: whether it is still to be paid; None: there is no bill of the person's. `amount`: won, what its bill
    says that it costs today; None: nothing is owed, or the bill says no amount. `words`: that it is paid, or why it is
    neither paid nor unpaid; "": nothing of the kind."""

    owes: bool | None = None
    amount: int | None = None
    words: str = ""


@dataclass(slots=True)
class _Known:
    pending: set[int] = field(default_factory=set)  # records
    review: set[int] = field(default_factory=set)
    not_paid: set[int] = field(default_factory=set)
    asked: dict[tuple[int, int], int] = field(default_factory=dict)  # record and version → won
    holidays: set[date] = field(default_factory=set)


def debts_today(
    *, citizen: Citizen, due: Mapping[int, Mapping[str, Any]], paid: Collection[int], now: datetime
) -> Mapping[int, DebtToday]:
    """Return what is to be said of these payable records about the person: those that are open, with what they say,
    and those that are paid, by the agencies' newest word. Opens bills as `open_bills` does; locks and changes none."""
    if not (due or paid):
        return {}
    rows = standing_bills(citizen=citizen, records=due, now=now)
    today = kst_date(now)
    known = _known(citizen, [*due, *paid], today)
    found = {record: DebtToday(words=_words(record, PAID, known)) for record in paid}
    for row in rows:
        owes = is_owed(row) and row.record_id not in known.pending
        amount = _amount(row, due[row.record_id], known, today) if owes else None
        found[row.record_id] = DebtToday(owes, amount, _words(row.record_id, row.state, known))
    return found


def _known(citizen: Citizen, records: Collection[int], today: date) -> _Known:
    known = _Known()
    with connection.cursor() as cursor:
        cursor.execute(TODAY, {"citizen": citizen.pk, "records": list(records), "today": today})
        for what, record, version, won, day, _order in cursor.fetchall():
            if what == "asked":
                known.asked[record, version] = won  # the last one holds
            elif what == "holiday":
                known.holidays.add(day)
            else:
                getattr(known, what).add(record)
    take_declared_holidays(known.holidays)
    return known


def _words(record: int, state: str, known: _Known) -> str:
    if record in known.pending:
        return _("A payment is being confirmed")
    if state == PAID and record in known.review:
        return str(IN_REVIEW)
    return str(BILL_STATES[PAID]) if state == PAID and record not in known.not_paid else ""


def _amount(row: Bill, fields: Mapping[str, Any], known: _Known, today: date) -> int | None:
    """Return what the bill's price clock says; None where its page shows none, and where there is nothing to pay."""
    record = row.record
    if row.unknown_since is not None and row.seen_version == record.version:
        return None  # the agency does not know it
    try:
        price = PRICES.price(row.tariff, fields, on=today, objected=False)
    except PriceUnknown:  # nor where the record cannot be read
        return None
    return known.asked.get((record.pk, record.version), price.amount) or None
