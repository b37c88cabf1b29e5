"""End the sessions of an erased person, with the unfinished sign-ups in them.

What a session holds can be found by opening each; there are as many as there were visitors within the last hours
(DRAFT_KEPT_MINUTES).
"""

from collections.abc import Collection
from uuid import UUID

from django.contrib.sessions.models import Session
from django.http import HttpRequest

from secretary.kernel.persons.blind_index import ci_index, phone_index
from secretary.kernel.persons.phone import NotAMobile, parse_mobile
from subscriptions.web.citizens.entry import sign_of
from subscriptions.web.session import draft as drafts
from subscriptions.web.session import typed
from subscriptions.web.session.signed_in import KEY

AT_ONCE = 500


def erase_sessions(*, people: Collection[UUID], keys: Collection[bytes], contacts: Collection[bytes]) -> int:
    """Remove the sessions of these people, and those in which a holder of these keys or numbers has begun something;
    how many."""
    gone, after, names = 0, "", {str(row) for row in people}
    while rows := list(Session.objects.filter(session_key__gt=after).order_by("session_key")[:AT_ONCE]):
        after = rows[-1].session_key
        theirs = [row.session_key for row in rows if _is_theirs(row, names, keys, contacts)]
        gone += Session.objects.filter(session_key__in=theirs).delete()[0]
    return gone


def _is_theirs(row: Session, names: set[str], keys: Collection[bytes], contacts: Collection[bytes]) -> bool:
    content = row.get_decoded()
    if (content.get(KEY) or {}).get("id") in names:
        return True
    if {page["owner"] for page in content.get(typed.KEY, [])} & {sign_of(name) for name in names}:
        return True  # typed when the sign-in was over
    request = HttpRequest()
    request.session = content  # type: ignore[assignment]
    draft = drafts.load(request)
    if any(_is_among(phone, contacts) for phone in typed.kept_values(content, "phone")):
        return True  # typed before any sign-in
    by_ci = bool(draft.ci) and ci_index(draft.ci) in keys
    return by_ci or (bool(draft.phone) and phone_index(draft.phone) in contacts)


def _is_among(typed_phone: str, contacts: Collection[bytes]) -> bool:
    try:
        return phone_index(parse_mobile(typed_phone)) in contacts
    except NotAMobile:
        return False
