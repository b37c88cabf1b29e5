"""A citizen's session is written where it has changed, and once a minute; that of staff with each request."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from subscriptions.web.middleware import KEPT_AT

pytestmark = pytest.mark.django_db


def written(client: Any, path: str = "/sign-in/") -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return sum('UPDATE "django_session"' in query["sql"] for query in asked)


@pytest.fixture
def visitor(client: Any, time_machine: Any) -> Any:
    """Has a session, of which a page has put off the end."""
    time_machine.move_to("2026-03-10T10:00:00+09:00", tick=False)
    client.get("/sign-in/")
    session = client.session
    session["carrier"] = "KT"
    session.save()
    client.cookies["session"] = session.session_key
    client.get("/sign-in/")
    return client


def test_looking_at_pages_writes_nothing_for_a_minute(visitor: Any, time_machine: Any) -> None:
    assert written(visitor) == 0
    time_machine.shift(59)
    assert written(visitor) == 0
    time_machine.shift(1)
    assert written(visitor) == 1 and written(visitor) == 0


def test_its_end_is_put_off(visitor: Any, time_machine: Any) -> None:
    before = Session.objects.get().expire_date
    time_machine.shift(61)
    written(visitor)
    assert Session.objects.get().expire_date > before


def test_a_session_that_is_over_is_not_read(visitor: Any, time_machine: Any) -> None:
    time_machine.shift(3 * 3600)
    assert visitor.get("/sign-in/").wsgi_request.session.is_empty()


def test_a_cookie_that_no_statement_can_hold_is_none(client: Any) -> None:
    assert client.get("/sign-in/", headers={"cookie": 'session="\\000aaaaaaaaaaaa"'}).status_code == 200


def test_a_clock_that_was_set_back_does_not_keep_it_from_being_written(visitor: Any, time_machine: Any) -> None:
    session = visitor.session
    session[KEPT_AT] += 3600
    session.save()
    assert written(visitor) == 1


def test_staff_are_idle_since_their_last_request(client: Any, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("staff"))
    assert [written(client), written(client)] == [1, 1]
