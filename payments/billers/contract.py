"""Define the contract with an agency about a debt: query what it is today, report that it was paid.

No agency publishes such a protocol, so `http_biller.py` speaks one of ours (signed as Standard Webhooks does, as the
agencies' pushes are); another agency's way is another module here. Billers import no Django and no models.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class DebtState(StrEnum):
    OPEN = "open"
    PAID = "paid"  # elsewhere, or through us
    WITHDRAWN = "withdrawn"  # the agency has cancelled it
    OBJECTION = "objection"  # 이의제기: the procedure is before the agency or a court


@dataclass(frozen=True, slots=True)
class Debt:
    """What the agency reports of one debt at this moment."""

    state: DebtState
    amount: int | None = None  # won to be paid today by the agency's own figure; None: it names none
    version: int | None = None  # the record's version that this comes from


@dataclass(frozen=True, slots=True)
class Posting:
    """One report to an agency: money that was captured for its debt, or refunded."""

    posting_id: str  # ours, unique; the agency posts each once
    external_id: str  # the agency's number of the debt
    kind: str  # paid | refunded
    amount: int  # won, positive
    happened_at: datetime
    receipt_number: str
    provider: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The agency has posted it. `reference`: its own number of the posting."""

    reference: str


@dataclass(frozen=True, slots=True)
class PostedLine:
    """One line of the agency's list of what came in through us on a day."""

    posting_id: str
    external_id: str
    amount: int  # won; negative where it was refunded
    posted_at: datetime


class BillerRefused(Exception):
    """The agency refuses, and would refuse again: a person must look. `code` is the agency's own."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class BillerUnavailable(Exception):
    """No useful answer: try again later."""


class Biller(Protocol):
    """The biller of one agency."""

    def poll(self, external_id: str) -> Debt:
        """Query what a debt is today. Raises BillerRefused (the agency does not know the debt), BillerUnavailable."""

    def report(self, posting: Posting) -> Acknowledged:
        """Deliver once more what may have been delivered: the agency knows it by `posting_id`. Raises as `poll`."""

    def posted(self, day: date) -> Sequence[PostedLine]:
        """Return the agency's list of a day in Korea. Raises as `poll`."""
