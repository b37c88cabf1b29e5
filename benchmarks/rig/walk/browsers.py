"""Put browsers into the states in which citizens open pages: sessions as the product's own steps leave them."""

from datetime import datetime, timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from benchmarks.rig.walk import citizen_pages
from benchmarks.rig.walk.reader import PERSON, Reader
from secretary.kernel.time import clock
from subscriptions.enrolment.consent_texts import texts_for
from subscriptions.enrolment.receipt_numbers import receipt_number
from subscriptions.identity.contract import Person
from subscriptions.models import DataType
from subscriptions.web.citizens import new_number
from subscriptions.web.citizens.finish import RECEIPT
from subscriptions.web.session import draft as drafts
from subscriptions.web.session import signed_in
from subscriptions.web.session.draft import Draft
from subscriptions.web.session.sent_code import note_sent

HOURS = timedelta(hours=6)
NEWCOMER = Person("N".rjust(86, "0") + "==", PERSON.name, PERSON.birth_date, "+821000000001")


def session_keys(reader: Reader, *, now: datetime) -> dict[str, str]:
    """Return the key of a session for each state; "" for the visitor, who has none."""
    kinds = list(DataType.objects.live())
    texts = texts_for(kinds)
    signing_up = Draft(
        channels=["kakaotalk", "sms"],
        data_types=[kind.code for kind in kinds],
        answers={str(text.pk): True for text in texts},
    )
    signing_up.confirmed(NEWCOMER, now)
    keys = {citizen_pages.VISITOR: ""}
    for state, draft in (
        (citizen_pages.CODE_SENT, _sent("sign_up", now)),
        (citizen_pages.LIGHT_CODE_SENT, _sent("phone", now)),
        (citizen_pages.SIGNING_UP, signing_up),
    ):
        keys[state] = _key(_browser(draft))
    signed_up = _citizen(reader, now)
    signed_up.session[RECEIPT] = receipt_number(reader.citizen)
    keys[citizen_pages.SIGNED_UP] = _key(signed_up)
    keys[citizen_pages.CITIZEN] = _key(_citizen(reader, now))
    keys[citizen_pages.ADDING] = _key(_citizen(reader, now, Draft("settings", data_types=[reader.left_out])))
    keys[citizen_pages.NEW_NUMBER_SENT] = _key(_citizen(reader, now, _sent(new_number.PURPOSE, now)))
    return keys


def _sent(purpose: str, now: datetime) -> Draft:
    draft = Draft(purpose)
    draft.sent("reader", PERSON.name, PERSON.phone, now)
    return draft


def _browser(draft: Draft | None) -> HttpRequest:
    request = HttpRequest()
    request.session = SessionStore()
    if draft is not None:
        drafts.save(request, draft)
        if draft.verification_id:
            note_sent(request, draft, times=1)
        if draft.ci:
            signed_in.begin_draft(request, datetime.fromtimestamp(draft.confirmed_at).astimezone())
    return request


def _citizen(reader: Reader, now: datetime, draft: Draft | None = None) -> HttpRequest:
    request = _browser(draft)
    signed_in.begin(request, str(reader.citizen.pk), fully_at=now.timestamp(), carrier="KT")
    return request


def _key(request: HttpRequest) -> str:
    """Save it, with hours to go: a walk takes longer than the thirty minutes of a sign-in."""
    until = (clock.now() + HOURS).timestamp()
    if signed_in.KEY in request.session:
        request.session[signed_in.KEY] |= {"until": until}
    if signed_in.DRAFT_UNTIL in request.session:
        request.session[signed_in.DRAFT_UNTIL] = until
    request.session.set_expiry(int(HOURS.total_seconds()))
    request.session.save()
    return str(request.session.session_key)
