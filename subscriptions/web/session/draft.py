"""Keep a person's answers in the session, encrypted, and erase them at the end.

The session row in the database holds no clear personal data. The resident number is never part of it.
"""

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from secretary.kernel.persons.birth_dates import birth_date_from_iso
from secretary.kernel.secrets.encryption import Undecryptable, decrypt_text, encrypt_text
from subscriptions.identity.contract import Person
from subscriptions.web.session import signed_in
from subscriptions.web.shown import who

KEY = "draft"
ANSWERS_OF = "answers_of"  # in the session: a hash of the person whose answers a draft without a person has
STEPS = ("identify", "code", "channels", "data_types", "consent", "check")


@dataclass(slots=True)
class Draft:
    """One sign-up (or one sign-in to the settings) under way."""

    purpose: str = "sign_up"  # or "settings"
    verification_id: str = ""
    name: str = ""
    phone: str = ""
    sent_at: float = 0.0  # seconds since the epoch
    ci: str = ""
    birth_date: str = ""
    confirmed_at: float = 0.0
    channels: list[str] = field(default_factory=list)
    data_types: list[str] = field(default_factory=list)
    answers: dict[str, bool] = field(default_factory=dict)  # id of a consent text → agreed
    from_booking: list[str] = field(
        default_factory=list
    )  # of `data_types`: ticked by a booking site, not confirmed yet

    @property
    def person(self) -> Person | None:
        """Return the confirmed identity; None before."""
        if not self.ci:
            return None
        return Person(self.ci, self.name, birth_date_from_iso(self.birth_date), self.phone)

    def sent(self, verification_id: str, name: str, phone: str, now: datetime) -> None:
        self.verification_id, self.name, self.phone = verification_id, name, phone
        self.sent_at = now.timestamp()

    def confirmed(self, person: Person, now: datetime) -> None:
        """Mark the code as used; its phone counts as theirs where the provider does not return one."""
        self.ci, self.name, self.birth_date = person.ci, person.name, person.birth_date.isoformat()
        self.phone = person.phone or self.phone
        self.verification_id, self.confirmed_at = "", now.timestamp()

    def without_person(self) -> "Draft":
        """Return the answers alone: they outlive the identity check."""
        return Draft(
            self.purpose,
            channels=self.channels,
            data_types=self.data_types,
            answers=self.answers,
            from_booking=self.from_booking,
        )


def load(request: HttpRequest) -> Draft:
    """Return the draft of this session; an empty one when there is none or it cannot be decrypted any more."""
    stored: dict[str, Any] = request.session.get(KEY) or {}
    try:
        plain = decrypt_text(base64.b64decode(stored["text"]), bound_to=f"draft:{stored['id']}")
    except (KeyError, Undecryptable):
        return Draft()
    known = {each.name for each in fields(Draft)}  # another release, running beside this one, may store more
    return Draft(**{name: value for name, value in json.loads(plain).items() if name in known})


def save(request: HttpRequest, draft: Draft) -> None:
    identity = secrets.token_hex(8)
    sealed = encrypt_text(json.dumps(asdict(draft)), bound_to=f"draft:{identity}")
    request.session[KEY] = {"id": identity, "text": base64.b64encode(sealed).decode()}
    signed_in.keep_longer(request)


def is_over(request: HttpRequest, draft: Draft, now: datetime) -> bool:
    """Return whether more than the allowed time has passed since the identity check of this sign-up."""
    return bool(draft.confirmed_at) and now.timestamp() > signed_in.draft_ends_at(request, draft.confirmed_at)


def begin_anew(request: HttpRequest, purpose: str) -> Draft:
    """Return a draft for another identity check; answers of a sign-up are kept for the person who gave them."""
    before = load(request)
    if purpose != "sign_up" or before.purpose != "sign_up":
        return Draft(purpose)
    if before.ci:
        request.session[ANSWERS_OF] = who(before.ci)
    return before.without_person()


def take_over(request: HttpRequest, draft: Draft) -> bool:
    """Return whether the answers of the draft are those of its person; remove others'."""
    is_theirs = str(request.session.pop(ANSWERS_OF, "")) == who(draft.ci)
    if not is_theirs:
        draft.channels, draft.data_types, draft.answers, draft.from_booking = [], [], {}, []
    return is_theirs


def erase(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
    request.session.pop(signed_in.DRAFT_UNTIL, None)
