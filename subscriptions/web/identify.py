"""Call the identity provider, or send a sign-in code of our own, within limits (docs/adr/0021 and 0042).

Attempts that need no knowledge of a person's details count against their origin (session, address, and this number
from this address), for an hour at most. Only details that the provider has accepted, name, number and resident number
together, count against the number itself: no other person can lock its owner out or flood them with codes.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest

from secretary.kernel.language import language
from subscriptions.accounts.attempts import count, count_done, refuse_at_limit
from subscriptions.identity.contract import Applicant, IdentityProvider, IdentityRefused, Method, Person
from subscriptions.identity.registry import build, providers
from subscriptions.models import Citizen
from subscriptions.sign_in import phone_codes
from subscriptions.web.addresses import client_address, networks_of
from subscriptions.web.session.draft import Draft
from subscriptions.web.session.sent_code import count_wrong, note_sent, sent_code


class TooSoon(Exception):
    """A code was sent a moment ago. `again_at`: from when another one may be requested."""

    def __init__(self, again_at: datetime) -> None:
        super().__init__("too_soon")
        self.again_at = again_at


class OwnNumber(Exception):
    """The number that is meant to be new is the one at which the person is reached already."""

    def __init__(self, phone: str) -> None:
        super().__init__("own_number")
        self.phone = phone


@lru_cache(maxsize=1)
def provider() -> IdentityProvider:
    return build(settings.IDENTITY_PROVIDER, settings.ADAPTER_CONFIG)


def methods() -> Sequence[Method]:
    """Return how people may be asked, in the order in which it is offered."""
    offered: Sequence[Method] = providers()[settings.IDENTITY_PROVIDER].methods
    return offered


def send_code(request: HttpRequest, draft: Draft, applicant: Applicant, now: datetime, *, own_number: str = "") -> None:
    """Start a verification, but none for `own_number`, the verified one of the signed-in person who enters a new one.

    That it is theirs already is answered only after the attempt was counted: their page shows the number masked, and
    who finds it open may not guess the rest. Raises TooMany, OwnNumber, IdentityRefused, IdentityUnavailable.
    """
    count(_asked(request, applicant.phone), now=now)  # before a session exists: a visitor over a limit gets none
    count({"details_session": _session(request)}, now=now)
    if applicant.phone == own_number:
        raise OwnNumber(own_number)
    sent = _sent(request, applicant.phone)
    refuse_at_limit(sent, now=now)
    verification_id = f"ps-{uuid4().hex}"
    provider().start(verification_id, applicant)
    draft.sent(verification_id, applicant.name, applicant.phone, now)
    note_sent(request, draft, times=1, method=applicant.method)
    count_done(sent, now=now)


def send_again(request: HttpRequest, draft: Draft, now: datetime) -> None:
    """Send another message with a code; only the newest counts. Raises TooSoon and what `send_code` raises."""
    before = sent_code(request, draft, now)
    if now < before.again_at:
        raise TooSoon(before.again_at)
    count(_sent(request, draft.phone), now=now)  # the provider has accepted the details before
    provider().resend(draft.verification_id)
    draft.sent(draft.verification_id, draft.name, draft.phone, now)
    note_sent(request, draft, times=before.times_sent + 1, method=before.method)


def confirm(request: HttpRequest, draft: Draft, code: str, now: datetime) -> Person:
    """Return the confirmed identity. `code`: "" where the app was asked. Raises TooMany, IdentityRefused,
    IdentityUnavailable."""
    address, site = networks_of(client_address(request))
    keys = {
        "code_tried_session": _session(request),
        "code_tried_phone": draft.phone,  # a code was sent: the details are right
        "code_tried_address": address,
        "code_tried_overall": "all",
    }
    count(keys | ({"code_tried_site": site} if site else {}), now=now)
    if dead := sent_code(request, draft, now).dead:
        raise IdentityRefused(dead)  # the page shows it, and the provider is not called
    try:
        person = provider().confirm(draft.verification_id, code)
    except IdentityRefused as refused:
        if refused.reason == "wrong_code" and count_wrong(request, draft, now).dead:
            raise IdentityRefused("used_up") from None
        raise
    draft.confirmed(person, now)
    return person


def send_phone_code(request: HttpRequest, draft: Draft, phone: str, now: datetime) -> None:
    """Send a code of our own to an enrolled person's number; any other looks the same. Raises TooSoon, TooMany."""
    before = sent_code(request, draft, now)
    is_again = bool(draft.verification_id) and draft.phone == phone
    if is_again and now < before.again_at:
        raise TooSoon(before.again_at)
    address, site = networks_of(client_address(request))
    limits = {"light_asked_phone": phone, "light_asked_address": address, "light_asked_overall": "all"}
    count(limits | ({"light_asked_site": site} if site else {}), now=now)
    count({"light_asked_session": _session(request)}, now=now)
    mark = phone_codes.issue(phone, replaces=draft.verification_id, language=language(), now=now)
    draft.sent(mark, "", phone, now)
    note_sent(request, draft, times=before.times_sent + 1 if is_again else 1)


def use_phone_code(request: HttpRequest, draft: Draft, code: str, now: datetime) -> Citizen:
    """Return the person whom the code signs in. Raises TooMany, IdentityRefused."""
    address, _site = networks_of(client_address(request))
    keys = {
        "light_tried_session": _session(request),
        "light_tried_phone": draft.phone,
        "light_tried_address": address,
        "light_tried_overall": "all",
    }
    count(keys, now=now)
    if dead := sent_code(request, draft, now).dead:
        raise IdentityRefused(dead)
    found = phone_codes.use(draft.verification_id, code, draft.phone, now=now)
    if found is None:
        raise IdentityRefused("used_up" if count_wrong(request, draft, now).dead else "wrong_code")
    return found


def _asked(request: HttpRequest, phone: str) -> dict[str, str]:
    """Return limits on entered details, right or wrong. None of them is on the number alone."""
    address, site = networks_of(client_address(request))
    keys = {
        "details_pair": f"{phone} {address}",
        "details_address": address,
        "details_overall": "all",
    }
    return keys | ({"details_site": site} if site else {})


def _sent(request: HttpRequest, phone: str) -> dict[str, str]:
    """Return limits on codes that were sent."""
    address, _site = networks_of(client_address(request))
    return {
        "code_sent_session": _session(request),
        "code_sent_phone": phone,
        "code_sent_address": address,
        "code_sent_overall": "all",
    }


def _session(request: HttpRequest) -> str:
    if request.session.session_key is None:
        request.session.create()
    return str(request.session.session_key)
