"""What a fault left behind, counted: for the table that `./test --faults` prints."""

from dataclasses import dataclass


@dataclass(slots=True)
class Figures:
    """Of one test. `None`: not counted by it."""

    notices: int | None = None  # committed before and during the fault
    finished: int | None = None
    review: int | None = None  # with a person, each with its reason
    unknown: int | None = None  # the gateway could not be asked what became of them
    duplicates: int | None = None  # messages that a gateway's own list has twice
    seconds: float | None = None  # from the end of the fault until nothing was on its way
    injected: str = ""  # where it was drawn by lot
