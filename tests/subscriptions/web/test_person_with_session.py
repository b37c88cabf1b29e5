"""The row of the person who is signed in is read along with the session, and never is another one's."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from subscriptions.models import Citizen
from subscriptions.web.session import signed_in
from subscriptions.web.session.signed_in import SessionStore
from tests.subscriptions import cast
from tests.subscriptions.web.steps import confirmed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "provider")]
PAGE = "/settings/family/"


@pytest.fixture
def alice(client: Client) -> Citizen:
    citizen = cast.enrol(cast.person(1), ("sms",), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    client.get(PAGE)  # this process has seen the session
    return citizen


def read(client: Client, method: str = "get") -> tuple[Any, list[str]]:
    """Return the page, and what was read of sessions and people, in order."""
    with CaptureQueriesContext(connection) as asked:
        page = getattr(client, method)(PAGE)
    wanted = [each["sql"] for each in asked if each["sql"].startswith("SELECT")]
    names = ("django_session", '"subscriptions_citizen"')
    return page, [" ".join(name for name in names if name in sql) for sql in wanted if any(n in sql for n in names)]


def become(client: Client, citizen: Citizen) -> None:
    """As another process would leave the session."""
    session = SessionStore(client.cookies["session"].value)
    session[signed_in.KEY] |= {"id": str(citizen.pk)}
    session.save()


def test_both_are_read_by_one_statement(client: Client, alice: Citizen) -> None:
    page, statements = read(client)
    assert page.status_code == 200 and statements == ['django_session "subscriptions_citizen"']


def test_a_form_that_is_posted_reads_the_person_when_it_asks_for_them(client: Client, alice: Citizen) -> None:
    _page, statements = read(client, "post")
    assert statements[:2] == ["django_session", '"subscriptions_citizen"']


def test_a_session_that_is_now_another_persons_shows_that_one(client: Client, alice: Citizen) -> None:
    bob = cast.enrol(cast.person(2), ("sms",), "traffic_fine")
    become(client, bob)
    page, statements = read(client)
    assert page.wsgi_request.read_along == bob and len(statements) == 2
    page, statements = read(client)
    assert page.wsgi_request.read_along == bob and len(statements) == 1


@pytest.mark.parametrize("gone", ["not active", "signed out", "row away"])
def test_who_is_not_there_any_more_is_asked_who_it_is(client: Client, alice: Citizen, gone: str) -> None:
    if gone == "not active":
        Citizen.objects.filter(pk=alice.pk).update(state=Citizen.ERASED)
    elif gone == "signed out":
        client.post("/settings/sign-out/")
    else:
        SessionStore(client.cookies["session"].value).delete()
    page, _statements = read(client)
    assert page.status_code == 302 and "sign-in" in page["Location"]


def test_the_row_is_used_once(client: Client, alice: Citizen) -> None:
    request = client.get("/family/").wsgi_request
    assert request.session.get(signed_in.KEY)
    Citizen.objects.filter(pk=alice.pk).update(text_size="130")
    first, second = signed_in.citizen_of(request), signed_in.citizen_of(request)
    assert first and second and (first.text_size, second.text_size) == ("", "130")
