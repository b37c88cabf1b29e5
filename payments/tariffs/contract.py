"""Define the contract of tariffs: plain facts in, a ladder of amounts out.

Money is integer won; days are calendar days in Korea. A tariff is one module in this folder that names its
instance `TARIFF`. It knows no other tariff, reads no clock and makes no calls: the same facts always give the same
ladder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

ENDS_PROCEDURE = "ends_procedure"  # the code of the note that a citizen must read before paying


class Text(NamedTuple):
    """A sentence for people, in both languages."""

    ko: str
    en: str


@dataclass(frozen=True, slots=True)
class Step:
    """One line of how an amount was calculated. The steps of an amount sum up to it."""

    code: str  # principal | social_reduction | early_reduction | late | monthly | raised | under_ten | agency
    what: Text
    article: str  # the rule, e.g. 질서위반행위규제법 §24①; "" for the agency's own figure
    amount: int  # won; negative where it takes something off


@dataclass(frozen=True, slots=True)
class Note:
    """What else is true while an amount stands, e.g. that paying it ends the procedure."""

    code: str
    what: Text
    article: str


@dataclass(frozen=True, slots=True)
class Rung:
    """An amount by law and the first day on which it is due. It stands until the next rung begins."""

    since: date
    steps: tuple[Step, ...]
    notes: tuple[Note, ...] = ()
    agency_amount: int | None = None  # won; the figure of the agency's own record for this rung

    @property
    def amount(self) -> int:
        """Amount to pay, in won: the agency's figure where there is one, else the law's."""
        return self.by_law if self.agency_amount is None else self.agency_amount

    @property
    def by_law(self) -> int:
        return sum(step.amount for step in self.steps)


@dataclass(frozen=True, slots=True)
class Difference:
    """The agency's amount and the law's, computed from the same record, differ. The agency's is used."""

    what: str  # amount, or the name of a fact such as first_due_on
    agency: str
    by_law: str


@dataclass(frozen=True, slots=True)
class Ladder:
    """All amounts of one debt, in order of their days. The first rung may begin at date.min."""

    rungs: tuple[Rung, ...]
    version: date  # the rules in force since then
    closes_on: date | None = None  # from this day on it cannot be quoted: a court has decided
    differences: tuple[Difference, ...] = ()


class Change(NamedTuple):
    """The first day with another amount."""

    on: date
    amount: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What a debt costs on a day, how that was calculated, and what it costs later.

    `next_change` is the first day with another amount, `after_next` the one after it; None where the amount
    stays. Both are by law: where `differs`, the agency's reasons are unknown, and so are its later figures.
    """

    on: date
    amount: int
    by_law: int
    steps: tuple[Step, ...]
    next_change: Change | None
    after_next: Change | None
    notes: tuple[Note, ...]
    differences: tuple[Difference, ...]
    version: date

    @property
    def differs(self) -> bool:
        """True where a person should look why the agency and the law disagree."""
        return bool(self.differences)

    @property
    def ends_procedure(self) -> bool:
        """True where paying this amount ends the procedure, so that no objection is possible afterwards."""
        return any(note.code == ENDS_PROCEDURE for note in self.notes)


class Contradiction(NamedTuple):
    """What keeps a record's debt from being quoted: the record's field, and how it is put right."""

    field: str
    remedy: str


class BadFacts(ValueError):
    """The facts of the debt are missing or contradict each other; the message states which."""


class NotPayable(ValueError):
    """There is no amount on that day: before the notice, or after a court took over."""


class Dated(Protocol):
    """One version of a tariff's rates."""

    @property
    def since(self) -> date: ...


D = TypeVar("D", bound=Dated)


def in_force(versions: Sequence[D], day: date) -> D:
    """Return the version in force on that day. Raises BadFacts for days before the first one."""
    reached = [version for version in versions if version.since <= day]
    if not reached:
        first = min(version.since for version in versions)
        raise BadFacts(f"the rules before {first} are not known here, and the debt is of {day}")
    return max(reached, key=lambda version: version.since)


Facts = TypeVar("Facts", contravariant=True)


class Tariff(Protocol[Facts]):
    """The law of one kind of debt. `facts` is a dataclass that `ladder.from_record` can read.

    `contradiction` and `is_paid` are called for each record that comes in, whose values are checked one by one before
    (int, date): at 25,000 a second, so that they look before they compute. What passes both can be quoted, but for days
    whose calendar or rules are not known here.
    """

    code: ClassVar[str]  # what a data type names in its `payable`
    name: ClassVar[Text]
    facts: ClassVar[type]

    def ladder(self, debt: Facts) -> Ladder:
        """Return all amounts of this debt. Raises BadFacts."""

    def contradiction(self, record: Mapping[str, Any]) -> Contradiction | None:
        """Return what contradicts itself in a record of a debt that is owed."""

    def is_paid(self, record: Mapping[str, Any]) -> bool:
        """Return whether all that is owed has been paid by the record's own account, whatever its state."""
