"""Keep who is signed in, at which level, and until when; read a session together with the person it names.

A sign-in lasts 30 minutes and is extended by a button, never by looking at pages: a phone left lying around signs out.
Typed answers are kept longer, in the row of the session (DRAFT_KEPT_MINUTES), which then opens no page.

Nearly each page needs both rows, the session's and the person's. Who that is stands in the session's signed text, which
SQL cannot read. So a process remembers whom it found in a session the last time, and asks for that person's row along
with the session. The row is used where the session, as it is now, names the same person, and once; else it is read as
before. Both rows are of this moment: what is remembered is which row to ask for, and nothing that is shown.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends import db
from django.db import connection
from django.db.models import IntegerField
from django.db.models.expressions import RawSQL
from django.http import HttpRequest

from secretary.kernel.database.kept_queries import Beside, KeptQuery
from secretary.kernel.database.prepared import planned
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen

KEY, DRAFT_UNTIL = "citizen", "draft_until"
ALONG = "read_along"  # of the request: the person's row, with what was read along
_counts: dict[str, RawSQL] = {}  # what the frame of the person's pages counts
ACTIVE = KeptQuery(lambda citizen: Citizen.objects.filter(pk=citizen, state=Citizen.ACTIVE).annotate(**_counts))
MINUTES_TO_FINISH = 30  # of a sign-in, and of a sign-up after the identity check


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One sign-in. Times in seconds since the epoch. The release before reads `at` too: it knows full checks only, and
    asks for one where it is 0."""

    id: str  # of the citizen
    at: float  # of the full identity check; 0: signed in by a code
    since: float
    until: float
    carrier: str = ""  # said at the full check: the next one offers it


def begin(request: HttpRequest, citizen_id: str, *, fully_at: float, carrier: str = "") -> None:
    """Sign in. `fully_at`: when the full identity check was passed, 0 where only a code was typed."""
    now = clock_now().timestamp()
    until = now + MINUTES_TO_FINISH * 60
    request.session[KEY] = asdict(SignedIn(citizen_id, fully_at, now, until, carrier))
    keep_longer(request)


def last_of(request: HttpRequest) -> SignedIn | None:
    """Return the sign-in of this session, even one that is over."""
    kept: dict[str, Any] = dict(request.session.get(KEY) or {})
    if not kept:
        return None
    at = float(kept["at"])  # all that the release before kept
    return SignedIn(
        id=kept["id"],
        at=at,
        since=kept.get("since", at),
        until=kept.get("until", at + MINUTES_TO_FINISH * 60),
        carrier=kept.get("carrier", ""),
    )


def current(request: HttpRequest) -> SignedIn | None:
    found = last_of(request)
    return found if found is not None and clock_now().timestamp() <= found.until else None


def citizen_of(request: HttpRequest) -> Citizen | None:
    """Return the signed-in citizen; None once 30 minutes have passed."""
    found = current(request)
    citizen = _row(request, UUID(found.id)) if found else None
    setattr(request, ALONG, citizen)
    return citizen


def _row(request: HttpRequest, citizen_id: UUID) -> Citizen | None:
    """Return the row that was read with the session (`SessionStore`), else read it."""
    take = getattr(request.session, "take_person", None)
    taken: tuple[UUID, Citizen | None] | None = take(citizen_id) if take else None
    if taken is not None:
        return taken[1]
    citizen: Citizen | None = ACTIVE.first(citizen=citizen_id)
    return citizen


def read_along(name: str, sql: str) -> None:
    """Have a number counted by the statement that reads the person, for the frame of their pages: one statement less.
    Called while the applications are made ready. `sql`: of a row of citizens."""
    _counts[name] = RawSQL(sql, [], output_field=IntegerField())  # noqa: S611  (a text of ours, without values)


def along(request: HttpRequest, name: str) -> int | None:
    """Return the number that was read with the person who is signed in now; None where none was."""
    found, citizen = current(request), getattr(request, ALONG, None)
    return getattr(citizen, name) if found and citizen and str(citizen.pk) == found.id else None


def read_anew(request: HttpRequest) -> None:
    """Forget what was read along: this request has changed it."""
    setattr(request, ALONG, None)


def forget(request: HttpRequest) -> None:
    request.session.pop(KEY, None)


def begin_draft(request: HttpRequest, now: datetime) -> None:
    """Start the 30 minutes of a sign-up, at its identity check."""
    request.session[DRAFT_UNTIL] = now.timestamp() + MINUTES_TO_FINISH * 60
    keep_longer(request)


def draft_ends_at(request: HttpRequest, confirmed_at: float) -> float:
    """Return when a sign-up is over whose identity was confirmed then."""
    return max(float(request.session.get(DRAFT_UNTIL, 0.0)), confirmed_at + MINUTES_TO_FINISH * 60)


def more_time(request: HttpRequest) -> bool:
    """Give 30 minutes from now, CITIZEN_SESSION_HOURS at most altogether; return False where nothing runs any more."""
    now = clock_now().timestamp()
    until, found = now + MINUTES_TO_FINISH * 60, current(request)
    if found is not None:
        latest = found.since + timedelta(hours=settings.CITIZEN_SESSION_HOURS).total_seconds()
        request.session[KEY] = asdict(found) | {"until": min(until, max(latest, found.until))}
    has_draft = float(request.session.get(DRAFT_UNTIL, 0.0)) >= now
    if has_draft:
        request.session[DRAFT_UNTIL] = until
    return found is not None or has_draft


def ends_at(request: HttpRequest) -> datetime | None:
    """Return when the sign-in, or the sign-up under way, is over; None where neither runs."""
    now = clock_now().timestamp()
    found = current(request)
    ends = [found.until if found else 0.0, float(request.session.get(DRAFT_UNTIL, 0.0))]
    running = [each for each in ends if each > now]
    return datetime.fromtimestamp(min(running), UTC) if running else None


def keep_longer(request: HttpRequest) -> None:
    """Keep the session's row beyond the sign-in, so that nothing typed is lost. Not where staff are signed in: their
    idle time is the session's."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        request.session.set_expiry(settings.DRAFT_KEPT_MINUTES * 60)


# ── the session with its person ──
MOST_REMEMBERED = 10_000  # sessions whose person a process remembers: 2 MB
ALONE = planned("SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s")
BOTH = Beside(
    ACTIVE,
    "SELECT session_data, kept.* FROM django_session LEFT JOIN ({kept}) kept ON true"
    " WHERE session_key = %s AND expire_date > %s",
    columns=1,
)
_people: dict[int, UUID] = {}  # by the hash of a session's key, which is not kept: two alike only ask for a wrong row


class SessionStore(db.SessionStore):
    """Read by a statement that is not composed anew for each page. `with_person`: set before it is read, where the
    request changes nothing of the person before it asks for them."""

    with_person = False
    _person: tuple[UUID, Citizen | None] | None = None

    def load(self) -> dict[str, Any]:
        found = self._read()
        if found is None:
            self._session_key = None
            return {}
        content: dict[str, Any] = self.decode(found)
        _remember(hash(self.session_key), content)
        return content

    def take_person(self, citizen_id: UUID) -> tuple[UUID, Citizen | None] | None:
        """Return this person's key and row (None: not active), once; None where no row of theirs was read along."""
        found, self._person = self._person, None
        return found if found is not None and found[0] == citizen_id else None

    def _read(self) -> Any:
        """Return the signed text; None for no session that goes on."""
        values = [self.session_key, clock_now()]
        person = _people.get(hash(self.session_key)) if self.with_person else None
        if person is None:
            with connection.cursor() as cursor:
                cursor.execute(ALONE, values)
                row = cursor.fetchone()
            return row and row[0]
        both = BOTH.row(*values, citizen=person)
        if both is None:
            return None
        self._person = person, both[1]
        return both[0][0]

    def _validate_session_key(self, key: Any) -> bool:  # a cookie can hold a NUL, and no statement can
        return bool(super()._validate_session_key(key)) and "\0" not in key  # type: ignore[misc]


def _remember(key: int, content: dict[str, Any]) -> None:
    signed_in = content.get(KEY)
    if not signed_in:
        _people.pop(key, None)
        return
    if len(_people) >= MOST_REMEMBERED:
        _people.clear()
    _people[key] = UUID(signed_in["id"])
