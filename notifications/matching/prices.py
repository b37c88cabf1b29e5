"""Look up the price of a debt, for its notices and for the intake. The law is in payments/tariffs, which notices may
not import: payments registers its tariffs here when it starts (`use_prices`)."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple, Protocol


class PriceUnknown(ValueError):
    """The record's facts contradict each other, or nothing can be paid on that day: no amount can be stated."""


class Price(NamedTuple):
    """The price of a debt on a day, in won, by the tariff that quotes its bill.

    `until` is the last day of this amount: as the agency's record states it, and as 민법 §161 moves it. All but
    `amount` are None where the amount does not change any more.
    """

    amount: int
    until: tuple[date, date] | None = None
    later: int | None = None
    later_until: tuple[date, date] | None = None
    ends_procedure: bool = False  # paying it ends the procedure: no objection afterwards


class Contradiction(Protocol):
    """The reason why a debt cannot be quoted: the field of its record, and the correction."""

    @property
    def field(self) -> str: ...

    @property
    def remedy(self) -> str: ...


class Owed(Protocol):
    """Reads the debt out of a checked record. Neither method queries a database."""

    def contradiction(self, record: Mapping[str, Any]) -> Contradiction | None:
        """Return the reason why an open debt cannot be quoted; None where it can."""

    def is_paid(self, record: Mapping[str, Any]) -> bool:
        """Return whether the record's own fields show it as fully paid, in any state of the record."""


class Prices(Protocol):
    """The interface to payments. `tariff`: the name in the data type's `payable`."""

    def principal(self, tariff: str) -> str:
        """Return the field of a record with the amount owed; "" where there is no such tariff."""

    def owed(self, tariff: str, types: Mapping[str, str]) -> "Owed | None":
        """Return the reader for records whose fields have these types; None where the types do not fit the tariff."""

    def price(self, tariff: str, fields: Mapping[str, Any], *, on: date, objected: bool) -> Price:
        """Return the price on a day. `fields`: dates as ISO text. `objected`: the agency reports an objection.

        Raises PriceUnknown.
        """


_prices: list[Prices] = []


def use_prices(prices: Prices) -> None:
    _prices[:] = [prices]


def prices() -> Prices:
    """Return what payments has registered. Raises LookupError before payments has started."""
    if not _prices:
        raise LookupError("no application has registered prices (use_prices)")
    return _prices[0]
