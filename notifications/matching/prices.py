"""What a debt costs, for its notices and for the intake. The law is in payments/tariffs, which notices may not import:
payments hands its answers in here when it starts (`use_prices`)."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple, Protocol


class PriceUnknown(ValueError):
    """The record's facts contradict each other, or nothing can be paid on that day: nothing is said of an amount."""


class Price(NamedTuple):
    """What a debt costs on a day, by the tariff that its bill is quoted by. Won.

    `until` is the last day of this amount: as the agency's record has it, and as 민법 §161 moves it. All but `amount`
    are None where it does not change any more.
    """

    amount: int
    until: tuple[date, date] | None = None
    later: int | None = None
    later_until: tuple[date, date] | None = None
    ends_procedure: bool = False  # paying it ends the procedure: no objection afterwards


class Contradiction(Protocol):
    """What keeps a debt from being quoted: the field of its record, and how it is put right."""

    @property
    def field(self) -> str: ...

    @property
    def remedy(self) -> str: ...


class Owed(Protocol):
    """What a checked record says of its debt. Neither method asks a database."""

    def contradiction(self, record: Mapping[str, Any]) -> Contradiction | None:
        """Of a debt that is owed."""

    def is_paid(self, record: Mapping[str, Any]) -> bool:
        """Return whether all of it is paid by the record's own account, whatever its state."""


class Prices(Protocol):
    """What payments answers. `tariff`: what the data type names in `payable`."""

    def principal(self, tariff: str) -> str:
        """Return the field of a record that names what is owed; "" where there is no such tariff."""

    def owed(self, tariff: str, types: Mapping[str, str]) -> "Owed | None":
        """Return how records of a kind whose fields have these types are looked through; None where they are of
        others."""

    def price(self, tariff: str, fields: Mapping[str, Any], *, on: date, objected: bool) -> Price:
        """`fields`: of the record, dates as ISO text. `objected`: by the agency's word an objection stands.

        Raises PriceUnknown.
        """


_prices: list[Prices] = []


def use_prices(prices: Prices) -> None:
    _prices[:] = [prices]


def prices() -> Prices:
    """Raise LookupError before payments has started."""
    if not _prices:
        raise LookupError("no application has told what debts cost (use_prices)")
    return _prices[0]
