"""Track the code that was sent last: its validity, and the number of wrong codes typed for it.

No provider distinguishes an expired or used-up code from a wrong one, so this is counted here; docs/adr/0021 has the
limits on people. Stored in the session beside the draft, not in it: an older release that runs beside this one reads
the draft as a whole.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.http import HttpRequest

from subscriptions.identity.contract import Method
from subscriptions.web.session.draft import Draft

KEY = "sent_code"
RESEND_SECONDS = 30


@dataclass(frozen=True, slots=True)
class SentCode:
    """The state of a code at one moment."""

    mark: str  # identifies the code that a page is about
    at: datetime
    until: datetime
    seconds_left: int  # 0: its time is over
    tries_left: int
    times_sent: int  # including it; 2 and more: earlier codes no longer count
    method: Method  # "app": no code, but a question in the app

    @property
    def dead(self) -> Literal["", "expired", "used_up"]:
        """Return why no code is accepted until a new one is sent: "expired", "used_up"; "" while it is accepted."""
        if self.tries_left == 0:
            return "used_up"
        return "" if self.seconds_left else "expired"

    @property
    def again_at(self) -> datetime:
        """Return from when another one may be requested."""
        return self.at + timedelta(seconds=RESEND_SECONDS)


def sent_code(request: HttpRequest, draft: Draft, now: datetime) -> SentCode:
    kept = _kept(request, draft)
    at = datetime.fromtimestamp(draft.sent_at, UTC)
    method = kept.get("method", "sms")
    seconds = settings.IDENTITY_APP_SECONDS if method == "app" else settings.IDENTITY_CODE_SECONDS
    until = at + timedelta(seconds=seconds)
    return SentCode(
        mark=_mark(draft),
        at=at,
        until=until,
        seconds_left=max(0, int((until - now).total_seconds())),
        tries_left=max(0, settings.IDENTITY_CODE_TRIES - kept["wrong"]),
        times_sent=kept["times"],
        method=method,
    )


def note_sent(request: HttpRequest, draft: Draft, *, times: int, method: Method = "sms") -> None:
    """Record that a code was sent, the `times`-th for these details. Earlier wrong codes no longer count."""
    request.session[KEY] = {"mark": _mark(draft), "wrong": 0, "times": times, "method": method}


def count_wrong(request: HttpRequest, draft: Draft, now: datetime) -> SentCode:
    """Count a wrong code; return the state of the sent one."""
    kept = _kept(request, draft)
    request.session[KEY] = kept | {"wrong": kept["wrong"] + 1}
    return sent_code(request, draft, now)


def forget_code(request: HttpRequest) -> None:
    """Forget the code after its success."""
    request.session.pop(KEY, None)


def has_code(request: HttpRequest) -> bool:
    """Return whether a code was sent in this session that is not used yet."""
    return KEY in request.session


def _kept(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    kept = request.session.get(KEY) or {}
    fresh = {"mark": _mark(draft), "wrong": 0, "times": 1}
    return kept if kept.get("mark") == fresh["mark"] else fresh


def _mark(draft: Draft) -> str:
    return hashlib.sha256(f"{draft.verification_id} {draft.sent_at}".encode()).hexdigest()[:16]
