"""Warn an official to compare details with the paper form before an entry is made or corrected."""

from typing import Literal
from uuid import UUID

from subscriptions.models import Citizen

Likeness = Literal["person", "number", "form"]


class TooYoungForOffice(ValueError):
    """The person does not turn SENIOR_MINIMUM_AGE this year, and must sign up on the web."""


class Warned(ValueError):
    """The official should compare with the paper form first. `about`: the person whom the warning concerns."""

    kind: str

    def __init__(self, about: UUID) -> None:
        super().__init__(self.kind)
        self.about = about


class AlreadyRegistered(Warned):
    """This person is registered. `own`: the entry of the official's own office; None reveals nothing more."""

    kind = "already registered"

    def __init__(self, about: UUID, own: Citizen | None) -> None:
        super().__init__(about)
        self.own = own


class Alike(AlreadyRegistered):
    """An entry of the official's own office is like this one: the same person with a typing mistake, or another person.

    `by`: name and birth date, the telephone number, or the number of the paper form. `proved`: the entry's person has
    signed up themselves since.
    """

    kind = "alike"

    def __init__(self, own: Citizen, by: Likeness, *, proved: bool) -> None:
        super().__init__(own.id, own)
        self.by, self.proved = by, proved


class NumberOfAnother(Warned):
    """Another person has proved by a code that the number is theirs: perhaps a mistake, perhaps a relative's phone."""

    kind = "number of another person"
