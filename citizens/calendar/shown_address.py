"""Show an address of a calendar feed for a while after it was made: to its person, in the browser that made it.

Only a hash of it is kept with the feed. The address waits in the session, encrypted and bound to its person; it is
forgotten once they say that their calendar has it, when it is void, after MINUTES and with the session.
"""

import base64
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest

from citizens.calendar.feed import is_address_of
from citizens.models import CalendarFeed
from secretary.kernel.secrets.encryption import Undecryptable, decrypt_text, encrypt_text
from subscriptions.models import Citizen

KEY = "calendar_address"  # in the session
MINUTES = 10


@dataclass(frozen=True, slots=True)
class Shown:
    token: str  # the secret part of the address
    until: datetime  # when it is shown for the last time


def show(request: HttpRequest, citizen: Citizen, token: str, *, now: datetime) -> None:
    """Keep the secret part of an address that was just made, in place of an earlier one."""
    until = (now + timedelta(minutes=MINUTES)).timestamp()
    sealed = encrypt_text(token, bound_to=_bound_to(citizen, until))
    request.session[KEY] = {"until": until, "text": base64.b64encode(sealed).decode()}


def shown(request: HttpRequest, citizen: Citizen, feed: CalendarFeed | None, *, now: datetime) -> Shown | None:
    """Return the address that this page still shows. One that is over, void or another person's is forgotten."""
    kept = request.session.get(KEY)
    if kept is None:
        return None
    until = datetime.fromtimestamp(kept["until"], UTC)
    if now < until and feed is not None:
        with suppress(Undecryptable):
            token = decrypt_text(base64.b64decode(kept["text"]), bound_to=_bound_to(citizen, kept["until"]))
            if is_address_of(feed, token):
                return Shown(token, until)
    forget(request)
    return None


def forget(request: HttpRequest) -> None:
    request.session.pop(KEY, None)


def _bound_to(citizen: Citizen, until: float) -> str:
    return f"{KEY}:{citizen.pk}:{until}"
