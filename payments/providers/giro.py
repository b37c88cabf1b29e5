"""Reserve a place for the designated collection agency (과태료 납부대행기관): 금융결제원 or another.

Known, from the statutes: fines are paid by card and the like through it (질서위반행위규제법 §17의2 ①), the day of
approval is the day of payment (②), its fee is at most 1.5 % of the amount (시행령 §4의2), and penalties follow
(도로교통법 §164의2, which applies §161의2; the system that the police and the agency share is §161의3).

Not known: every word of its protocol. It is not published and comes with the contract, so there is nothing to speak
over. This port keeps the place: it answers "not_published", is listed by `registry.ports()` and not by `providers()`,
and the system checks refuse an installation that names it in PAYMENT_PROVIDERS. With the contract at hand, write the
adapter here, names it `ADAPTER`, and gains the contract tests.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import ClassVar, NoReturn

from payments.providers.contract import (
    Callback,
    ForgedCallback,
    Order,
    Outcome,
    ProviderRefused,
    Refunded,
    RefundVerdict,
    Returned,
    Trigger,
    Verdict,
)

NOT_PUBLISHED = "not_published"


class Giro:
    name: ClassVar[str] = "giro"
    title: ClassVar[Mapping[str, str]] = {"ko": "금융결제원 지로", "en": "Giro (KFTC)"}
    confirm_within: ClassVar[timedelta] = timedelta(0)
    key_window: ClassVar[timedelta] = timedelta(0)
    lists_settlements: ClassVar[bool] = False

    def begin(self, order: Order) -> NoReturn:
        raise ProviderRefused(NOT_PUBLISHED)

    def read_return(self, query: Mapping[str, str]) -> Returned:
        return Returned("", "", code=NOT_PUBLISHED)

    def confirm(self, order: Order, returned: Returned, *, key: str) -> Outcome:
        return Outcome(Verdict.DECLINED, order.order_id, code=NOT_PUBLISHED)

    def poll(self, *, order_id: str, vendor_id: str) -> Outcome:
        return Outcome(Verdict.UNKNOWN, order_id, code=NOT_PUBLISHED)

    def refund(self, *, order_id: str, vendor_id: str, amount: int, remainder: int, reason: str, key: str) -> Refunded:
        return Refunded(RefundVerdict.REFUSED, code=NOT_PUBLISHED)

    def receive(self, callback: Callback) -> list[Trigger]:
        raise ForgedCallback

    def settlements(self, day: date) -> Sequence[NoReturn]:
        raise ProviderRefused(NOT_PUBLISHED)


PORT = Giro
