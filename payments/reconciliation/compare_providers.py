"""Compare the providers' settlement files with our ledger."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q, Sum

from notifications.alarms import alarm_of_row
from payments import adapters
from payments.adapters import NotOffered
from payments.models import Journal, LedgerEntry, Payment
from payments.models.ledger import provider_account
from payments.providers.contract import Outcome, ProviderRefused, ProviderUnavailable, SettlementLine, Verdict
from payments.reconciliation import remedies
from payments.reconciliation.remedies import Found
from payments.states import REVERSED
from secretary.kernel.database.connections import let_go
from secretary.kernel.database.each import for_each_apart
from secretary.kernel.time.clock import end_of_day, kst_date, kst_instant

Key = tuple[str, str, bool]  # account, order, whether it was refunded
ONE_DAY = timedelta(days=1)
NOT_PUBLISHED = "not_published"  # the provider has no such list


@dataclass(slots=True)
class Files:
    """Won by account, order and direction, for the day and for the days around it."""

    of_day: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    near: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    read: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.silent

    @property
    def total(self) -> int:
        return sum(self.of_day.values())

    def add(self, account: str, lines: Iterable[SettlementLine], day: date) -> None:
        for line in lines:
            key = (account, line.order_id, line.amount < 0)
            self.near[key] += line.amount
            if kst_date(line.happened_at) == day:
                self.of_day[key] += line.amount


def read_files(day: date, *, now: datetime) -> Files:
    """Query every provider for the day, the one before and the one after."""
    files = Files()

    def read(name: str) -> None:
        let_go()
        try:
            files.add(provider_account(name), _lines(name, day, now), day)
        except (ProviderRefused, ProviderUnavailable, NotOffered):
            files.silent.append(provider_account(name))
        else:
            files.read.append(provider_account(name))

    def unreadable(name: str, why: Exception) -> None:
        files.silent.append(provider_account(name))
        alarm(name, why)

    alarm = alarm_of_row(loop="settlement files", now=now)
    for_each_apart(settings.PAYMENT_PROVIDERS, read, what="read_files", on_failure=unreadable)
    return files


def _lines(name: str, day: date, now: datetime) -> list[SettlementLine]:
    try:
        around = days_around(day, kst_date(now))
        return [line for each in around for line in adapters.provider(name).settlements(each)]
    except ProviderRefused as error:
        if error.code != NOT_PUBLISHED:
            raise
        return _poll_every_order(name, day, now)


def _poll_every_order(name: str, day: date, now: datetime) -> list[SettlementLine]:
    """Poll each order that was begun or booked within a day of it, in place of a list that the provider does not
    publish. Raises ProviderUnavailable where one stays unknown, after all have been polled.

    Captures for orders that are none of ours cannot be seen like this.
    """
    begun = Q(created_at__gte=kst_instant(day - ONE_DAY), created_at__lt=end_of_day(day + ONE_DAY))
    ours = Payment.objects.filter(begun | Q(journals__day=day), provider=name).distinct().order_by("pk")
    orders = list(ours.values_list("pk", "order_id", "vendor_id"))
    let_go()
    adapter = adapters.provider(name)
    lines: list[SettlementLine] = []
    unknown: list[int] = []

    def poll(order: tuple[int, str, str]) -> None:
        pk, order_id, vendor_id = order
        reported = adapter.poll(order_id=order_id, vendor_id=vendor_id)
        if reported.verdict is Verdict.UNKNOWN:
            unknown.append(pk)
        else:
            lines.extend(_lines_of_order(pk, order_id, reported, day))

    def unreadable(order: tuple[int, str, str], why: Exception) -> None:
        unknown.append(order[0])
        alarm(order[0], why)

    alarm = alarm_of_row(loop=f"orders of {name}", now=now)
    for_each_apart(orders, poll, what="poll_orders", on_failure=unreadable)
    if unknown:
        raise ProviderUnavailable
    return lines


def _lines_of_order(payment_id: int, order_id: str, reported: Outcome, day: date) -> Iterator[SettlementLine]:
    if reported.verdict is not Verdict.PAID or reported.amount is None:
        return
    yield SettlementLine(order_id, reported.vendor_id, reported.amount, reported.approved_at or kst_instant(day))
    refunded = reported.amount - (reported.amount if reported.balance is None else reported.balance)
    if refunded:
        yield from _refunds_of_order(payment_id, order_id, reported, refunded, day)


def _refunds_of_order(
    payment_id: int, order_id: str, reported: Outcome, won: int, day: date
) -> Iterator[SettlementLine]:
    """The answer has their sum and not their days: ours, where the sums agree."""
    rows = Journal.objects.filter(payment=payment_id, kind=Journal.REFUNDED).values_list("day", "refund__amount")
    booked = list(rows) if sum(amount for _, amount in rows) == won else [(day, won)]
    for on, amount in booked:
        yield SettlementLine(order_id, reported.vendor_id, -amount, kst_instant(on))


def days_around(day: date, today: date) -> list[date]:
    return [each for each in (day - ONE_DAY, day, day + ONE_DAY) if each <= today]


def compare_providers(day: date, files: Files) -> Iterator[Found]:
    known = _booked(Q(journal__payment__order_id__in={order for _, order, _ in files.of_day}))
    payments = dict(Payment.objects.filter(order_id__in={key[1] for key in files.of_day}).values_list("order_id", "pk"))
    reversed_there = set(_reversed_orders(files))
    for key, theirs in files.of_day.items():
        account, order, back = key
        ours = known.get(key)
        near = files.near[key]
        if order in reversed_there:
            continue  # captured and refunded there, and in none of our books
        if ours is None:
            kind = remedies.REFUNDED_UNKNOWN if back else remedies.CAPTURED_UNKNOWN
            yield Found(kind, account, order, None, theirs, payments.get(order))
        elif ours not in (theirs, near):
            yield Found(remedies.PROVIDER_AMOUNT, account, order, ours, theirs, payments.get(order))
    yield from _missing(day, files)


def _reversed_orders(files: Files) -> Iterator[str]:
    """Yield orders of which the provider captured and refunded the same amount, as our rows have it."""
    orders = Payment.objects.filter(order_id__in={key[1] for key in files.of_day}, state=REVERSED)
    for order, provider in orders.values_list("order_id", "provider"):
        account = provider_account(provider)
        if files.near[account, order, False] + files.near[account, order, True] == 0:
            yield order


def _missing(day: date, files: Files) -> Iterator[Found]:
    for key, ours in _booked(Q(journal__day=day)).items():
        account, order, _ = key
        if account in files.read and key not in files.near:
            payment_id = Payment.objects.values_list("pk", flat=True).get(order_id=order)
            yield Found(remedies.MISSING_AT_PROVIDER, account, order, ours, None, payment_id)


def _booked(which: Q) -> dict[Key, int]:
    rows = LedgerEntry.objects.filter(which, account__startswith="provider:")
    sums = rows.values("account", "journal__payment__order_id", "journal__kind").order_by().annotate(won=Sum("amount"))
    return {
        (row["account"], row["journal__payment__order_id"], row["journal__kind"] == Journal.REFUNDED): row["won"]
        for row in sums
    }
