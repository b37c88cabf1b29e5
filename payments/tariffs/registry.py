"""Find the tariffs: every module of this folder that names its `TARIFF`. Other code imports this module only."""

import pkgutil
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

from payments import tariffs as folder
from payments.tariffs.contract import Quote, Tariff, Text
from payments.tariffs.ladder import from_record, read, step_names

OF_A_GONE_TARIFF = Text("납부할 금액", "Amount to pay")


class UnknownTariff(LookupError):
    """No tariff of that code; the message lists those there are."""


@cache
def tariffs() -> Mapping[str, Tariff[Any]]:
    """Code (`traffic_fine`, …; what a data type names in `payable`) → tariff."""
    modules = (import_module(f"{folder.__name__}.{item.name}") for item in pkgutil.iter_modules(folder.__path__))
    found = (module.TARIFF for module in modules if hasattr(module, "TARIFF"))
    return {tariff.code: tariff for tariff in found}


def tariff(code: str) -> Tariff[Any]:
    """Return the tariff of a code. Raises UnknownTariff."""
    try:
        return tariffs()[code]
    except KeyError:
        raise UnknownTariff(f"no tariff {code!r}; there are {', '.join(sorted(tariffs()))}") from None


def debt_name(code: str) -> Text:
    """Return what people call such a debt; a general word where its tariff is no longer there, as bills outlive
    tariffs."""
    found = tariffs().get(code)
    return found.name if found else OF_A_GONE_TARIFF


def step_names_of(code: str, values: Mapping[str, object]) -> dict[date, str]:
    """First days of later prices → their names (ladder.py). Raises as `quote`."""
    found = tariff(code)
    facts: Any = from_record(found.facts, {**values, "objected_on": None})
    return step_names(found.ladder(facts))


def quote(
    code: str, values: Mapping[str, object], *, on: date, agency_amount: int | None = None, objected: bool = False
) -> Quote:
    """Return what the debt of this record costs on a day in Korea.

    `values`: the fields of the agency's record. `agency_amount`: won, what the agency answered to a query on that day.
    `objected`: the record's state is that an objection stands, since the day that it names, else from the beginning.
    Raises UnknownTariff, BadFacts (the record cannot be quoted), NotPayable (not on that day).
    """
    found = tariff(code)
    since = (values.get("objected_on") or date.min) if objected else None  # of one that is decided it is history
    facts: Any = from_record(found.facts, {**values, "objected_on": since})
    return read(found.ladder(facts), on=on, agency_amount=agency_amount)
