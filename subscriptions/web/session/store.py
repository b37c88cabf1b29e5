"""Read a session, and by the same statement the row of the person who is signed in by it: nearly each page needs both.

Who that is stands in the session's signed text, which SQL cannot read. So a process remembers whom it found in a
session the last time, and asks for that person's row along with the session. The row is used where the session, as it
is now, names the same person, and once; else it is read as before. Both rows are of this moment: what is remembered is
which row to ask for, and nothing that is shown.
"""

from typing import Any
from uuid import UUID

from django.contrib.sessions.backends import db
from django.db import connection

from secretary.kernel.database.kept_queries import Beside
from secretary.kernel.database.prepared import planned
from secretary.kernel.time.clock import now as clock_now
from subscriptions.models import Citizen
from subscriptions.web.session.signed_in import ACTIVE, KEY

MOST = 10_000  # sessions whose person a process remembers: 2 MB
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
    if len(_people) >= MOST:
        _people.clear()
    _people[key] = UUID(signed_in["id"])
