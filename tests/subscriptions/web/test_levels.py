"""Signing in has two levels: what is dangerous in other hands asks for the full identity check again."""

from importlib import import_module
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from subscriptions.models import Citizen
from subscriptions.web.citizens.entry import for_fully_identified
from tests.subscriptions import cast
from tests.subscriptions.web.steps import confirmed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "provider")]
SIGN_IN = "/settings/sign-in/"


@for_fully_identified
def dangerous(request: HttpRequest, citizen: Citizen) -> HttpResponse:
    return HttpResponse(str(citizen.pk))


def reach(client: Client) -> Any:
    """The answer of a dangerous page in this browser."""
    request = RequestFactory().get("/settings/")
    sessions = import_module(django_settings.SESSION_ENGINE)
    request.session = sessions.SessionStore(client.session.session_key)
    return dangerous(request)


def test_what_is_dangerous_asks_for_a_full_check_of_the_last_minutes(client: Client, clock: Any, settings: Any) -> None:
    enrolled = cast.enrol(cast.person(1))
    assert reach(client)["Location"] == SIGN_IN
    confirmed(client, SIGN_IN)
    assert reach(client).content.decode() == str(enrolled.pk)
    clock.shift(11 * 60)
    assert client.get("/settings/").status_code == 200
    assert reach(client)["Location"] == SIGN_IN
    settings.FULL_CHECK_MINUTES = 12
    assert reach(client).status_code == 200
