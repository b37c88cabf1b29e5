"""Poll a provider that publishes no settlement file about every order of about that day."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Q

from notifications.alarms import alarm_of_row
from payments import gateways
from payments.models import Journal, Payment
from payments.providers.contract import Outcome, ProviderUnavailable, SettlementLine, Verdict
from secretary.common.clock import end_of_day, kst_instant
from secretary.common.connections import let_go
from secretary.common.each import for_each_apart

ONE_DAY = timedelta(days=1)


def ask_about_every_order(name: str, day: date, *, now: datetime) -> list[SettlementLine]:
    """Of orders that were begun or booked within a day of it. Raises ProviderUnavailable where one stays unknown, after
    all have been asked about.

    What was taken for orders that are none of ours cannot be seen like this.
    """
    begun = Q(created_at__gte=kst_instant(day - ONE_DAY), created_at__lt=end_of_day(day + ONE_DAY))
    ours = Payment.objects.filter(begun | Q(journals__day=day), provider=name).distinct().order_by("pk")
    orders = list(ours.values_list("pk", "order_id", "vendor_id"))
    let_go()
    adapter = gateways.provider(name)
    lines: list[SettlementLine] = []
    unknown: list[int] = []

    def ask(order: tuple[int, str, str]) -> None:
        pk, order_id, vendor_id = order
        said = adapter.ask(order_id=order_id, vendor_id=vendor_id)
        if said.verdict is Verdict.UNKNOWN:
            unknown.append(pk)
        else:
            lines.extend(_lines(pk, order_id, said, day))

    def unreadable(order: tuple[int, str, str], why: Exception) -> None:
        unknown.append(order[0])
        alarm(order[0], why)

    alarm = alarm_of_row(loop=f"orders of {name}", now=now)
    for_each_apart(orders, ask, what="ask_orders", on_failure=unreadable)
    if unknown:
        raise ProviderUnavailable
    return lines


def _lines(payment_id: int, order_id: str, said: Outcome, day: date) -> Iterator[SettlementLine]:
    if said.verdict is not Verdict.PAID or said.amount is None:
        return
    yield SettlementLine(order_id, said.vendor_id, said.amount, said.approved_at or kst_instant(day))
    given_back = said.amount - (said.amount if said.balance is None else said.balance)
    if given_back:
        yield from _refunds(payment_id, order_id, said, given_back, day)


def _refunds(payment_id: int, order_id: str, said: Outcome, won: int, day: date) -> Iterator[SettlementLine]:
    """Use our days where the sums agree: the answer has their sum and not their days."""
    rows = Journal.objects.filter(payment=payment_id, kind=Journal.GIVEN_BACK).values_list("day", "refund__amount")
    booked = list(rows) if sum(amount for _, amount in rows) == won else [(day, won)]
    for on, amount in booked:
        yield SettlementLine(order_id, said.vendor_id, -amount, kst_instant(on))
