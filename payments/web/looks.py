"""Decide how often the page of a payment in doubt refreshes itself: soon at first, ever later, then no more."""

from typing import NamedTuple

PAUSES = (3, 5, 5, 10, 10, 15, 20, 30, 30, 60, 60, 60)  # seconds; about five minutes in all
STOPPED = "off"


class Look(NamedTuple):
    seconds: int  # until the next look; 0: it does not look again by itself
    following: int  # the number of the next look


def look_of(value: str) -> Look:
    """`value`: of the address, from outside."""
    number = int(value) if value.isascii() and value.isdecimal() and len(value) < 4 else 0
    if value == STOPPED or number >= len(PAUSES):
        return Look(0, number)
    return Look(PAUSES[number], number + 1)
