"""Define why no money was captured, as a value that pages can show: every code has its words in words.py."""

from dataclasses import dataclass

from payments.models import Payment, Quote
from payments.words import REFUSALS


@dataclass(slots=True, eq=False)
class Refused(Exception):
    """Nothing was captured. `code` is a key of words.REFUSALS; `quote` is what would have to be paid now, if
    anything."""

    code: str
    payment: Payment | None = None
    quote: Quote | None = None

    def __str__(self) -> str:
        return self.code

    @property
    def words(self) -> str:
        return str(REFUSALS.get(self.code, self.code))
