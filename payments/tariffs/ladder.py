"""Find the tariff of a debt, read its facts and its ladder: what every tariff has in common.

Deadlines and months are counted as the civil act counts them (민법 §155–§161; 행정기본법 §6① refers to it).

[knowledge: high] for §157 and §161; §160③ [source: quoted identically in several public repositories].
The calendar is the kernel's (secretary/kernel/time/working_days.py), which notices count their days by too.

A tariff's facts are a dataclass of `int` (won, percent, never negative) and `date` (or None) fields. They are read from
plain values: fields of an agency's record, or arguments of a command line. The metadata of a field may carry `record`
(the field of the agency's record, when it has another name), `help` and `deadline` (민법 §161 moves it). Where a record
means something by leaving a field out, the dataclass states it in a class method `as_recorded(record)`.

Tariffs are found by themselves: every module of this folder that names its `TARIFF`.
"""

import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib import import_module
from itertools import islice
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from payments import tariffs as folder
from payments.tariffs.contract import (
    BadFacts,
    Change,
    Difference,
    Ladder,
    NotPayable,
    Quote,
    Rung,
    Step,
    Tariff,
    Text,
)
from secretary.kernel.time import working_days
from secretary.kernel.time.working_days import ONE_DAY as ONE_DAY
from secretary.kernel.time.working_days import YEARS

F = TypeVar("F")
AGENCY_WORDS = Text("기관이 알려 온 금액과의 차이", "Difference to the agency's own figure")
OF_A_GONE_TARIFF = Text("납부할 금액", "Amount to pay")

CHANGES = 2  # that a quote names, of the sixty that a fine can have
MOST = 4096  # ladders: the records of a day repeat the same few amounts and deadlines


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
    """First days of later prices → their names. Raises as `quote`."""
    found = tariff(code)
    facts: Any = from_record(found.facts, {**values, "objected_on": None})
    return step_names(_ladder(code, facts, working_days.declared()))


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
    return read(_ladder(code, facts, working_days.declared()), on=on, agency_amount=agency_amount)


@lru_cache(maxsize=MOST)
def _ladder(code: str, facts: Any, _holidays: frozenset[date]) -> Ladder:
    """Return the ladder of a debt. `_holidays` were declared: other holidays, another ladder."""
    return tariffs()[code].ladder(facts)


def from_record(facts: type[F], values: Mapping[str, object]) -> F:
    """Return the facts, from a record's fields (`amount`, `due_on`, …). Fields that are no facts are passed over.

    A won is an int or digits, a date a `date` or YYYY-MM-DD; None and "" mean absent. Raises BadFacts.
    """
    as_recorded = getattr(facts, "as_recorded", None)
    recorded = as_recorded(values) if as_recorded else values
    return from_values(facts, {item.name: recorded.get(record_name(item)) for item in fields_of(facts)})


def from_values(facts: type[F], values: Mapping[str, object]) -> F:
    """Return the facts, from values under their own names. Raises BadFacts."""
    items = fields_of(facts)
    given = {item.name: values[item.name] for item in items if values.get(item.name) not in (None, "")}
    missing = [item.name for item in items if item.default is MISSING and item.name not in given]
    if missing:
        raise BadFacts(f"missing: {', '.join(missing)}")
    kinds = kinds_of(facts)  # type: ignore[arg-type]  # a class can be hashed
    return facts(**{name: parse(name, kinds[name], value) for name, value in given.items()})


def fields_of(facts: type[Any]) -> tuple[Field[Any], ...]:
    return fields(facts)


@cache
def kinds_of(facts: type[Any]) -> Mapping[str, type]:
    """Field name → int or date."""
    hints = get_type_hints(facts)
    return {
        item.name: next(kind for kind in get_args(hints[item.name]) or (hints[item.name],) if kind is not NoneType)
        for item in fields_of(facts)
    }


def record_name(item: Field[Any]) -> str:
    return str(item.metadata.get("record", item.name))


def parse(name: str, kind: type, value: object) -> int | date:
    """Return one value. Raises BadFacts, which names the fact but never quotes its value."""
    return _day(name, value) if kind is date else _number(name, value)


def _number(name: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    raise BadFacts(f"{name}: a whole number in plain digits, like 40000")


def _day(name: str, value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    wrong = BadFacts(f"{name}: a day that exists, like 2026-03-02")
    if not isinstance(value, str) or len(value) != len("2026-03-02"):
        raise wrong
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise wrong from error


def under_ten(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps, and where their sum is no multiple of 10 won, one more that drops the rest.

    국고금 관리법 §47① drops what is under 10 won in the treasury's receipts [source: quoted identically in several
    public repositories]. Unverified: whether it applies to each surcharge or once to what is paid. Read here: once,
    to the whole amount, since the article speaks of the receipt. Fines in tens of thousands never show a difference.
    """
    rest = sum(step.amount for step in steps) % 10
    if not rest:
        return steps
    return (*steps, Step("under_ten", Text("10원 미만 버림", "Under 10 won dropped"), "국고금 관리법 §47①", -rest))


def read(ladder: Ladder, *, on: date, agency_amount: int | None = None) -> Quote:
    """Return the quote for a day. `agency_amount`: won, what the agency itself answers on that day; it wins over all
    else.

    Raises NotPayable before the first rung and from `closes_on` on.
    """
    if ladder.closes_on is not None and on >= ladder.closes_on:
        raise NotPayable(f"a court has decided on {ladder.closes_on}: its figure is due, and is not ours to compute")
    reached = [rung for rung in ladder.rungs if rung.since <= on]
    if not reached:
        raise NotPayable(f"nothing is due before {ladder.rungs[0].since}")
    rung = reached[-1]
    amount = rung.amount if agency_amount is None else agency_amount
    following = [*islice(_changes(ladder.rungs[len(reached) :], amount), CHANGES)]
    return Quote(
        on=on,
        amount=amount,
        by_law=rung.by_law,
        steps=_explained(rung, amount),
        next_change=following[0] if following else None,
        after_next=following[1] if len(following) > 1 else None,
        notes=rung.notes,
        differences=(*ladder.differences, *_difference(rung, amount)),
        version=ladder.version,
    )


# What makes a rung a step of its own that a deadline leads to; without one of them it is the full amount.
GROWS = ("late", "monthly", "raised")


def step_names(ladder: Ladder) -> dict[date, str]:
    """Return the first day of each rung but the first one → a name of the step that holds on to it however its day, its
    amount or the steps before it are corrected: full-1, late-1, monthly-3, raised-2."""
    names: dict[date, str] = {}
    times: dict[str, int] = {}
    for rung in ladder.rungs:
        grown = [step.code for step in rung.steps if step.code in GROWS]
        code = grown[-1] if grown else "full"
        if rung.since != date.min:
            times[code] = times.get(code, 0) + 1
            names[rung.since] = f"{code}-{times[code]}"
    return names


def _changes(rungs: Iterable[Rung], amount: int) -> Iterator[Change]:
    """Yield the later days with another amount. A rung that changes nothing (too small a surcharge) is no change."""
    for rung in rungs:
        if (later := rung.amount) != amount:
            yield Change(rung.since, later)
            amount = later


def _explained(rung: Rung, amount: int) -> tuple[Step, ...]:
    if amount == rung.by_law:
        return rung.steps
    return (*rung.steps, Step("agency", AGENCY_WORDS, "", amount - rung.by_law))


def _difference(rung: Rung, amount: int) -> tuple[Difference, ...]:
    if amount == rung.by_law:
        return ()
    return (Difference("amount", str(amount), str(rung.by_law)),)


ends_on = working_days.moved  # as `moved`, but of years without a known calendar by the week alone, for the intake


def is_working_day(day: date) -> bool:
    """Return whether it is no Saturday, Sunday or public holiday. Raises BadFacts for years without a known
    calendar."""
    return working_days.is_working_day(_known(day))


def moved(deadline: date) -> date:
    """민법 §161: a period that ends on a Saturday or public holiday ends on the next working day. Raises BadFacts."""
    return _known(working_days.moved(_known(deadline)))


def last_day(of_event: date, days: int) -> date:
    """Return the last day of a period of days after an event. Its own day is not counted (민법 §157), §161 is applied.

    Raises BadFacts for years without a known calendar.
    """
    return moved(_known(of_event) + timedelta(days=days))


def after_months(first: date, months: int) -> date:
    """Return the day after a period of whole months that began with the beginning of the day `first`.

    Such a first day counts (민법 §157, second sentence). The period ends on the day before the day of the same
    number, or on the last day of a month that lacks it (§160②③): 3 April + 1 → 3 May, 31 January + 1 → 1 March.
    Not moved off holidays: this is a span that passes, no deadline (unverified, see traffic_fine.py).
    """
    years, month = divmod(first.month - 1 + months, 12)
    try:
        return first.replace(year=first.year + years, month=month + 1)
    except ValueError:  # the month lacks that day, so it is never December
        return date(first.year + years, month + 2, 1)


def _known(day: date) -> date:
    if day.year not in YEARS:
        raise BadFacts(f"{day} is outside of {YEARS[0]}–{YEARS[-1]}, the years whose holidays are known")
    return day
