"""One difference, before it is a row."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    kind: str  # of cures.KINDS
    where: str  # provider:NAME or agency:CODE
    reference: str  # an order or a posting
    ours: int | None = None  # won
    theirs: int | None = None
    payment_id: int | None = None
