"""Asking the identity provider, with every attempt counted first."""

from datetime import datetime
from functools import lru_cache
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest

from subscriptions.attempts import count
from subscriptions.identity.contract import Applicant, IdentityProvider, Person
from subscriptions.identity.registry import build
from subscriptions.web.addresses import client_address
from subscriptions.web.draft import Draft

RESEND_SECONDS = 30


class TooSoon(Exception):
    """A code was sent a moment ago; wait RESEND_SECONDS."""


@lru_cache(maxsize=1)
def provider() -> IdentityProvider:
    return build(settings.IDENTITY_PROVIDER, settings.ADAPTER_CONFIG)


def send_code(request: HttpRequest, draft: Draft, applicant: Applicant, now: datetime) -> None:
    """Start a verification. Raises TooMany, IdentityRefused, IdentityUnavailable."""
    _count(request, "code_sent", applicant.phone, now)
    verification_id = f"ps-{uuid4().hex}"
    provider().start(verification_id, applicant)
    draft.sent(verification_id, applicant.name, applicant.phone, now)


def send_again(request: HttpRequest, draft: Draft, now: datetime) -> None:
    """The same code once more. Raises TooSoon and what `send_code` raises."""
    if now.timestamp() - draft.sent_at < RESEND_SECONDS:
        raise TooSoon
    _count(request, "code_sent", draft.phone, now)
    provider().resend(draft.verification_id)
    draft.sent(draft.verification_id, draft.name, draft.phone, now)


def confirm(request: HttpRequest, draft: Draft, code: str, now: datetime) -> Person:
    """Who this is. Raises TooMany, IdentityRefused, IdentityUnavailable."""
    _count(request, "code_tried", draft.phone, now)
    person = provider().confirm(draft.verification_id, code)
    draft.confirmed(person, now)
    return person


def _count(request: HttpRequest, what: str, phone: str, now: datetime) -> None:
    keys = {f"{what}_phone": phone, f"{what}_address": client_address(request), f"{what}_overall": "all"}
    if request.session.session_key is None:
        count(keys, now=now)  # before there is a session: whoever is over a limit makes no row of it either
        request.session.create()
        keys = {}
    count({f"{what}_session": str(request.session.session_key), **keys}, now=now)
