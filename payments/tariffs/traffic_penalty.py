"""범칙금, a penalty offered in place of a trial (통고처분, 도로교통법 §163): no reduction, no monthly surcharge.

[source: the statute 도로교통법 §163–§165; how days are counted, knowledge: high]

- Within 10 days of receiving the notice: the penalty (§164①). The day of receipt is not counted (민법 §157).
- Within 20 days "from the day after the first period ends": 120 % (§164②). That first day begins at midnight and
  counts (민법 §157, second sentence), so the last day is the first deadline + 20.
- Afterwards the police ask for a summary trial (즉결심판, §165①); 150 % paid before the judgment ends it (§165②).
- Both deadlines move off Saturdays and holidays (민법 §161), and the second is counted from the moved first.

Unverified: on the very day of the judgment 150 % may still be taken in the morning; here that day is closed.
Not modelled, since the agency's own first_due_on carries it: five days after a natural disaster ends (§164①).
A penalty is paid in one sum (시행령 §96②): there is no part payment to reckon with.
Dropping under 10 won: see `under_ten`; percentages are taken of the penalty in the notice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar

from payments.tariffs.contract import BadFacts, Contradiction, Difference, Ladder, Note, Rung, Step, Text, in_force
from payments.tariffs.ladder import ONE_DAY, ends_on, last_day, moved, under_ten

NO_SECOND_PUNISHMENT = Note(
    "no_second_punishment",
    Text(
        "범칙금을 납부하시면 같은 위반으로 다시 처벌받지 않습니다.",
        "Once paid, it cannot be punished again.",
    ),
    "도로교통법 §164③",
)
SUMMARY_TRIAL = Note(
    "summary_trial",
    Text(
        "납부기한이 지나 즉결심판이 청구됩니다. 선고 전까지 150%를 납부하시면 청구가 취소됩니다.",
        "Both deadlines have passed: a summary trial follows. Paying 150% before its judgment ends it.",
    ),
    "도로교통법 §165",
)

DISPUTED = Note(
    "objected",
    Text(
        "범칙금에 대한 이의가 접수되어, 기관이 다시 알려 올 때까지 금액은 그대로입니다.",
        "The penalty is disputed: until the agency says otherwise, the amount stands still.",
    ),
    "도로교통법 §165",
)


@dataclass(frozen=True, slots=True)
class Rates:
    """One version of the act's figures. Percent of the penalty in the notice."""

    since: date
    first_days: int
    second_days: int
    second_percent: int
    trial_percent: int


VERSIONS = (
    # §164, §165 as rewritten by 법률 제10790호 (2011-06-08), in force 2011-12-09 [knowledge: medium]
    Rates(date(2011, 12, 9), 10, 20, 120, 150),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Penalty:
    """One penalty. `record` in the metadata is the field of the agency's record that carries the fact.

    Either the day of receipt or the agency's first deadline must be known; the agency's own dates win.
    """

    principal: int = field(metadata={"record": "amount", "help": "won, as in the notice"})
    notified_on: date | None = field(default=None, metadata={"help": "the day on which the notice was received"})
    first_due_on: date | None = field(
        default=None, metadata={"help": "the agency's own first deadline", "deadline": True}
    )
    second_due_on: date | None = field(
        default=None, metadata={"help": "the agency's own second deadline", "deadline": True}
    )
    second_amount: int | None = field(default=None, metadata={"help": "won, the agency's own figure until it"})
    judged_on: date | None = field(default=None, metadata={"help": "day of the judgment in the summary trial"})
    objected_on: date | None = field(
        default=None, metadata={"help": "the day since which the agency takes nothing, as the penalty is disputed"}
    )

    @classmethod
    def as_recorded(cls, record: Mapping[str, object]) -> Mapping[str, object]:
        """Treat a second amount of 0 as none."""
        return {**record, "second_amount": record.get("second_amount") or None}


class TrafficPenalty:
    """The tariff."""

    code: ClassVar[str] = "traffic_penalty"
    name: ClassVar[Text] = Text("교통범칙금", "Traffic penalty")
    facts: ClassVar[type] = Penalty

    def ladder(self, debt: Penalty) -> Ladder:
        begins = debt.notified_on or debt.first_due_on
        if begins is None:
            raise BadFacts("notified_on: needed where the record carries no first_due_on")
        rates = in_force(VERSIONS, begins)
        first, second = _deadlines(debt, rates)
        _check(debt, first, second)
        return Ladder(
            rungs=_stand_still(debt, _rungs(debt, rates, first, second)),
            version=rates.since,
            closes_on=debt.judged_on,
            differences=_differences(debt, rates, first),
        )

    def contradiction(self, record: Mapping[str, Any]) -> Contradiction | None:
        first, second = record.get("first_due_on"), record.get("second_due_on")
        if (second_amount := record.get("second_amount")) and second_amount < record["amount"]:
            return Contradiction("second_amount", "not below amount; leave it out where the agency names none")
        if first and second and ends_on(second) <= ends_on(first):
            return Contradiction("second_due_on", "after first_due_on")
        return None

    def is_paid(self, record: Mapping[str, Any]) -> bool:
        """Return whether the amount was paid in time; it cannot be paid in parts (시행령 §96②)."""
        paid = record.get("paid_amount")
        return bool(paid) and bool(paid >= record["amount"])


TARIFF = TrafficPenalty()


def _deadlines(debt: Penalty, rates: Rates) -> tuple[date, date]:
    first = moved(debt.first_due_on) if debt.first_due_on else _first_by_law(debt, rates)
    assert first is not None  # `ladder` has seen to it
    return first, moved(debt.second_due_on) if debt.second_due_on else last_day(first, rates.second_days)


def _first_by_law(debt: Penalty, rates: Rates) -> date | None:
    return last_day(debt.notified_on, rates.first_days) if debt.notified_on else None


def _check(debt: Penalty, first: date, second: date) -> None:
    if debt.principal <= 0:
        raise BadFacts("principal: a penalty is more than 0 won")
    if debt.notified_on and first < debt.notified_on:
        raise BadFacts("first_due_on: not before notified_on")
    if second <= first:
        raise BadFacts("second_due_on: after first_due_on")
    if debt.second_amount is not None and debt.second_amount < debt.principal:
        raise BadFacts("second_amount: not below the principal")
    if debt.judged_on and debt.judged_on <= second:
        raise BadFacts("judged_on: after the second deadline, since no trial is asked for before it (§165①)")


def _rungs(debt: Penalty, rates: Rates, first: date, second: date) -> tuple[Rung, ...]:
    base = Step("principal", Text("범칙금", "Penalty"), "도로교통법 §163", debt.principal)
    late = _raised(debt.principal, rates.second_percent, "도로교통법 §164②")
    trial = _raised(debt.principal, rates.trial_percent, "도로교통법 §165")
    return (
        Rung(debt.notified_on or date.min, under_ten((base,)), (NO_SECOND_PUNISHMENT,)),
        Rung(first + ONE_DAY, under_ten((base, late)), (NO_SECOND_PUNISHMENT,), debt.second_amount),
        Rung(second + ONE_DAY, under_ten((base, trial)), (SUMMARY_TRIAL,)),
    )


def _stand_still(debt: Penalty, rungs: tuple[Rung, ...]) -> tuple[Rung, ...]:
    """Disputed at the agency: the amount of that day stands until the agency reports otherwise."""
    if debt.objected_on is None:
        return rungs
    reached = [rung for rung in rungs if rung.since <= debt.objected_on] or [rungs[0]]
    return (*reached[:-1], replace(reached[-1], notes=(DISPUTED,)))


def _raised(principal: int, percent: int, article: str) -> Step:
    words = Text(f"기한 후 {percent - 100}% 가산", f"{percent - 100}% more after the deadline")
    return Step("raised", words, article, principal * percent // 100 - principal)


def _differences(debt: Penalty, rates: Rates, first: date) -> tuple[Difference, ...]:
    """Return where the agency's own deadlines are not those that the law gives."""
    pairs = (
        ("first_due_on", debt.first_due_on, _first_by_law(debt, rates)),
        ("second_due_on", debt.second_due_on, last_day(first, rates.second_days)),
    )
    return tuple(
        Difference(name, str(agency), str(by_law))
        for name, agency, by_law in pairs
        if agency and by_law and moved(agency) != by_law
    )
