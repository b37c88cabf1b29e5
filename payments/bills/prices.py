"""PRICE: compute what a debt costs on a day, for its notices, by the tariff that quotes its bill."""

from collections.abc import Iterator, Mapping
from dataclasses import fields as fields_of_dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from notifications.matching.prices import Price, PriceUnknown
from payments.tariffs.contract import BadFacts, Change, NotPayable, Tariff
from payments.tariffs.ladder import ONE_DAY, UnknownTariff, kinds_of, quote, record_name, tariffs
from secretary.kernel.time.working_days import declared, moved

PAID = "paid_amount"  # of any payable record: what was paid, by the agency's record
_TYPES: Mapping[type, tuple[object, ...]] = {int: (int, "won", "int"), date: (date, "date")}
MOST = 65_536  # the records of a day repeat the same few amounts and deadlines


class TariffPrices:
    """Fulfils notifications.matching.prices.Prices."""

    def principal(self, tariff: str) -> str:
        found = tariffs().get(tariff)
        return record_name(fields_of_dataclass(found.facts)[0]) if found else ""

    def owed(self, tariff: str, types: Mapping[str, str]) -> Tariff[Any] | None:
        found = tariffs().get(tariff)
        return found if found and all(types.get(name, kind) in _TYPES[kind] for name, kind in _kinds(tariff)) else None

    def price(self, tariff: str, fields: Mapping[str, Any], *, on: date, objected: bool) -> Price:
        if tariff not in tariffs():
            raise PriceUnknown(f"no tariff {tariff!r}")
        price = _price(tariff, tuple(map(fields.get, _names(tariff))), on, objected, declared())
        if isinstance(price, str):
            raise PriceUnknown(price)
        return price


def _kinds(tariff: str) -> Iterator[tuple[str, type]]:
    """Yield the fields that a record's debt is read from, and what stands in them."""
    facts = tariffs()[tariff].facts
    kinds = kinds_of(facts)
    yield from ((record_name(item), kinds[item.name]) for item in fields_of_dataclass(facts))
    yield PAID, int


@lru_cache(maxsize=64)
def _names(tariff: str) -> tuple[str, ...]:
    return tuple(record_name(item) for item in fields_of_dataclass(tariffs()[tariff].facts))


@lru_cache(maxsize=MOST)
def _price(tariff: str, facts: tuple[Any, ...], on: date, objected: bool, _holidays: frozenset[date]) -> Price | str:
    """Return the price, or why there is none. `facts`: the record's values by `_names`. `_holidays` were declared in
    addition to the calendar's: other days, other prices."""
    recorded = dict(zip(_names(tariff), facts, strict=True))
    try:
        found = quote(tariff, recorded, on=on, objected=objected)
    except (BadFacts, NotPayable, UnknownTariff) as error:
        return str(error)
    own = {moved(day): day for name in _deadlines(tariff) if (day := _day(recorded[name]))}
    return Price(
        amount=found.amount,
        until=_last_day(found.next_change, own),
        later=found.next_change.amount if found.next_change else None,
        later_until=_last_day(found.after_next, own),
        ends_procedure=found.ends_procedure,
    )


def _last_day(change: Change | None, own: Mapping[date, date]) -> tuple[date, date] | None:
    """Return the last day before a change: the agency's own, and the one on which it really ends."""
    return (own.get(change.on - ONE_DAY, change.on - ONE_DAY), change.on - ONE_DAY) if change else None


@lru_cache(maxsize=64)
def _deadlines(tariff: str) -> tuple[str, ...]:
    facts = fields_of_dataclass(tariffs()[tariff].facts)
    return tuple(record_name(item) for item in facts if item.metadata.get("deadline"))


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else value or None
