"""Write the price of a debt for a notice: today's amount and its last day, the next one, and the effect of paying.

The amounts come from the tariff by which the bill is quoted (matching/prices.py), for the day on which the notice
is written. So no sentence of a notice can state a price that does not hold at that hour.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Final

from secretary.kernel.korean.korean import Language, format_won
from subscriptions.message_templates.values import both_days
from subscriptions.specs import FieldSpec, StageSpec
from subscriptions.triggers import NOT_YOURS, TRIGGERS

AMOUNT, UNTIL, LATER, LATER_UNTIL, ENDS = "지금금액", "지금기한", "다음금액", "다음기한", "감경납부액"
PRICES: Final = (AMOUNT, UNTIL, LATER, LATER_UNTIL, ENDS)
_DUE: Final = frozenset(("open", "objected"))  # states of a record with an amount due, or disputed
STANDS_STILL: Final = frozenset((UNTIL, LATER, LATER_UNTIL, ENDS))  # without these the amount does not change any more
# Sets of placeholders without a value: all combinations that a tariff gives.
_SITUATIONS: Final = (
    frozenset[str](),
    frozenset((ENDS,)),
    frozenset((LATER_UNTIL,)),
    frozenset((LATER_UNTIL, ENDS)),
    STANDS_STILL,
)


def price_values(
    *,
    amount: int,
    until: tuple[date, date] | None,
    later: int | None,
    later_until: tuple[date, date] | None,
    ends_procedure: bool,
    language: Language,
) -> dict[str, str]:
    """Return placeholder → text, "" where there is none. A last day is a pair: the agency's own, moved off holidays."""
    now = format_won(amount, language)
    return {
        AMOUNT: now,
        UNTIL: both_days(*until, language) if until else "",
        LATER: "" if later is None else format_won(later, language),
        LATER_UNTIL: both_days(*later_until, language) if later_until else "",
        ENDS: now if ends_procedure else "",
    }


def has_price(stage: StageSpec | None) -> bool:
    """Return whether an amount is due, or disputed, at every occasion of the stage."""
    if stage is None:
        return True
    if stage.on == "date":
        return set(stage.states) <= _DUE
    return stage.on != NOT_YOURS and TRIGGERS[stage.on].says in {"", *_DUE}


def absences(used: Sequence[str]) -> tuple[frozenset[str], ...]:
    """Return the different sets of the placeholders in `used` that can be without a value."""
    asked = frozenset(used) & frozenset(PRICES)
    return tuple(dict.fromkeys(situation & asked for situation in _SITUATIONS)) if asked else (frozenset(),)


def fits(absent: frozenset[str], used: Sequence[str], fields: Sequence[FieldSpec], tried: Mapping[str, Any]) -> bool:
    """Return whether a record with these dates can have prices without these values. `tried`: days until each date,
    None where there is none.

    An amount changes at deadlines: it is final while no known deadline is to come, and is not while the last one is.
    Only the amount before the first deadline ends the procedure. Deadlines follow each other in the order of their
    slots: the intake refuses others.
    """
    placeholders = frozenset(used)
    deadlines = [item for item in sorted(fields, key=_slot) if item.deadline]
    if not STANDS_STILL & placeholders or not deadlines:
        return True
    first, last = deadlines[0].placeholder, deadlines[-1]
    days = [tried[item.placeholder] for item in deadlines if tried.get(item.placeholder) is not None]
    if any(_is_over(later) and not _is_over(sooner) for sooner, later in pairwise(days)):
        return False
    if ENDS in placeholders - absent and first in tried and (tried[first] is None or _is_over(tried[first])):
        return False
    if STANDS_STILL & placeholders <= absent:
        return last.required or tried.get(last.placeholder) is None
    if tried.get(last.placeholder) is not None:
        return True
    return not all(item.placeholder in tried and _is_none_to_come(tried[item.placeholder]) for item in deadlines)


def _is_over(days: Any) -> bool:
    return isinstance(days, int) and days < 0


def _is_none_to_come(days: Any) -> bool:
    return days is None or _is_over(days)


def _slot(field: FieldSpec) -> int:
    return field.date_slot or 0
