"""Show the price clock: what a bill costs now, until when, what next, and what waiting costs. Plain values."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from payments.models import Quote
from payments.tariffs.contract import ENDS_PROCEDURE
from secretary.kernel.language import as_language


@dataclass(frozen=True, slots=True)
class Line:
    """One line of how an amount was calculated; they sum up to it."""

    code: str
    words: str
    article: str
    amount: int


@dataclass(frozen=True, slots=True)
class NoteLine:
    code: str
    words: str
    article: str


@dataclass(frozen=True, slots=True)
class Change:
    """From the day `on` (in Korea) it costs `amount`."""

    on: date
    amount: int


@dataclass(frozen=True, slots=True)
class PriceClock:
    """All amounts in won."""

    day: date
    amount: int
    lines: tuple[Line, ...]
    notes: tuple[NoteLine, ...]
    until: date | None  # the last day at this amount; None: no later change is known
    valid_until: datetime | None  # the instant of the change
    next: Change | None
    after_next: Change | None
    by_law: int
    agency_differs: bool  # the agency's figure is used, and is not what the law gives from the same record
    differences: tuple[dict[str, str], ...]

    @property
    def cost_of_waiting(self) -> int:
        """What it costs more from the next change on; 0 where it does not change."""
        return self.next.amount - self.amount if self.next else 0

    @property
    def ends_procedure(self) -> bool:
        """True where paying this amount ends the procedure: no objection afterwards. Pages must state it before the
        button."""
        return any(note.code == ENDS_PROCEDURE for note in self.notes)


def price_clock(quote: Quote, *, language: str) -> PriceClock:
    detail: dict[str, Any] = quote.detail
    words = as_language(language)
    following = _change(detail["next"])
    return PriceClock(
        day=quote.day,
        amount=quote.amount,
        lines=tuple(Line(step["code"], step[words], step["article"], step["amount"]) for step in detail["steps"]),
        notes=tuple(NoteLine(note["code"], note[words], note["article"]) for note in detail["notes"]),
        until=following.on - timedelta(days=1) if following else None,
        valid_until=quote.valid_until,
        next=following,
        after_next=_change(detail["after_next"]),
        by_law=quote.by_law,
        agency_differs=bool(detail["differences"]),
        differences=tuple(detail["differences"]),
    )


def _change(stored: dict[str, Any] | None) -> Change | None:
    return Change(date.fromisoformat(stored["on"]), stored["amount"]) if stored else None
