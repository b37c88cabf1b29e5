"""Keep sessions in the database, and write a citizen's only when there is something to write."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import connection
from django.http import HttpRequest, HttpResponse

from secretary.kernel.time.clock import now as clock_now

KEPT_AT = "kept_at"  # in the session: when its end was put off last, in seconds since the epoch
PUT_OFF_EVERY = timedelta(minutes=1)
LOAD = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Read by a statement that is not composed anew for each page."""

    def load(self) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute(LOAD, [self.session_key, clock_now()])
            found = cursor.fetchone()
        if found is None:
            self._session_key = None
            return {}
        content: dict[str, Any] = self.decode(found[0])
        return content


class SeldomSaved(SessionMiddleware):
    """Save the session of staff with each request, from which their idle time counts; a citizen's where it has changed,
    and once a minute, so that its row stays: their sign-in ends at a time of its own (signed_in.py).

    A page that changes nothing so writes nothing, and takes nothing back that another window has just kept.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self.SessionStore = SessionStore

    def process_response(self, request: HttpRequest, response: HttpResponse) -> Any:
        session = getattr(request, "session", None)
        was_read = hasattr(session, "_session_cache")  # not where the database is away: nothing is written then
        if session is not None and was_read and not session.is_empty() and _is_due(session):
            session[KEPT_AT] = clock_now().timestamp()
        return super().process_response(request, response)


def _is_due(session: Any) -> bool:
    age = clock_now().timestamp() - float(session.get(KEPT_AT, 0.0))
    return SESSION_KEY in session or not 0 <= age < PUT_OFF_EVERY.total_seconds()
