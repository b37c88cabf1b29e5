"""Let a page that waits for something look again by itself, ever later and not for ever; without a script."""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse

# How often it reloads, in seconds: about five minutes in all.
PAUSES = (3, 5, 5, 10, 10, 15, 20, 30, 30, 60, 60, 60)
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


def looks_again(answer: HttpResponse, request: HttpRequest, look: Look) -> HttpResponse:
    """Return the page that waits for something, with the header by which it looks again; unless it was stopped."""
    if look.seconds:
        answer.headers["Refresh"] = f"{look.seconds}; url={request.path}?look={look.following}"
    return answer
