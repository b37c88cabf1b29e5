"""Read a ladder: the amount of a day, its steps, the next change and the one after."""

from collections.abc import Sequence
from datetime import date

from payments.tariffs.contract import Change, Difference, Ladder, NotPayable, Quote, Rung, Step, Text

AGENCY_WORDS = Text("기관이 알려 온 금액과의 차이", "Difference to the agency's own figure")


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
    following = _changes(ladder.rungs[len(reached) :], amount)
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


def _changes(rungs: Sequence[Rung], amount: int) -> list[Change]:
    """Return the later days with another amount. A rung that changes nothing (too small a surcharge) is no change."""
    changes = []
    for rung in rungs:
        if rung.amount != amount:
            changes.append(Change(rung.since, rung.amount))
            amount = rung.amount
    return changes


def _explained(rung: Rung, amount: int) -> tuple[Step, ...]:
    if amount == rung.by_law:
        return rung.steps
    return (*rung.steps, Step("agency", AGENCY_WORDS, "", amount - rung.by_law))


def _difference(rung: Rung, amount: int) -> tuple[Difference, ...]:
    if amount == rung.by_law:
        return ()
    return (Difference("amount", str(amount), str(rung.by_law)),)
