"""Pages that a replica answers, and when the primary does: two connections to one database, which say who they are."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection, connections
from django.db.utils import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory

from secretary.kernel.database import replica
from secretary.kernel.database.replica import REPLICA, WROTE, Standing, from_replica, note_write, note_writes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def second_connection(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As a standby: it reads only."""
    second = connection.copy()
    second.settings_dict["OPTIONS"] = {"options": "-c default_transaction_read_only=on", "application_name": REPLICA}
    connections[REPLICA] = second
    monkeypatch.setattr(replica, "standing", Standing())
    settings.REPLICA_URL = "postgresql://r.example/d"
    yield
    second.close()
    del connections[REPLICA]


def answering() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('application_name')")
        return "replica" if cursor.fetchone() == (REPLICA,) else "primary"


@from_replica
def who(request: HttpRequest) -> HttpResponse:
    return HttpResponse(answering())


@from_replica
def writer(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE a_table_of_a_test () ON COMMIT DROP")
    return HttpResponse(answering())


@from_replica
def missing(request: HttpRequest) -> HttpResponse:
    if answering() == "replica":
        raise Http404
    return HttpResponse(answering())


def asked(view: Any, request: HttpRequest | None = None) -> str:
    answer: HttpResponse = view(request or browser())
    return answer.content.decode()


def browser(method: str = "GET") -> HttpRequest:
    request = RequestFactory().generic(method, "/inbox/")
    request.session = SessionStore()
    request.session["who"] = "a citizen"
    return request


def test_the_replica_answers_and_the_primary_is_back_afterwards() -> None:
    assert asked(who) == "replica"
    assert answering() == "primary"


def test_without_a_replica_nothing_is_asked(settings: Any, django_assert_num_queries: Any) -> None:
    settings.REPLICA_URL = ""
    with django_assert_num_queries(1):
        assert asked(who) == "primary"
    request = browser("POST")
    with django_assert_num_queries(0):
        note_write(request)
    assert WROTE not in request.session
    with pytest.raises(MiddlewareNotUsed):
        note_writes(lambda _: HttpResponse())


def test_who_has_just_written_reads_the_primary_until_the_replica_has_replayed_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert asked(who) == "replica"
    request = browser("POST")
    note_writes(lambda _: HttpResponse())(request)
    assert request.session[WROTE] > 0
    request.session[WROTE] += 10**6  # a write that the replica has not replayed yet
    assert asked(who, request) == "primary"
    assert asked(who) == "replica"  # others
    request.session[WROTE] -= 10**6
    monkeypatch.setattr(replica, "CHECK_SECONDS", 0.0)
    replica.standing = Standing()
    assert asked(who, request) == "replica"


def test_a_page_that_writes_notes_it_and_one_that_reads_does_not() -> None:
    request = browser()
    note_writes(lambda _: HttpResponse())(request)
    assert WROTE not in request.session
    note_write(request)
    assert WROTE in request.session


def test_a_replica_that_is_behind_is_not_read(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica, "CHECK_SECONDS", 0.0)
    assert asked(who) == "replica"
    monkeypatch.setattr(replica, "REPLAYED", "SELECT 1")  # it stands still
    settings.REPLICA_LAG_SECONDS = 0.0
    assert asked(who) == "primary"


def test_a_replica_that_fails_is_left_alone_and_the_page_comes_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(who) == "replica"

    def down(*_: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(connections[REPLICA], "get_new_connection", down)
        connections[REPLICA].close()
        assert asked(who) == "primary"
    assert asked(who) == "primary"  # for some seconds


def test_a_page_that_writes_all_the_same_is_shown_by_the_primary_and_the_replica_goes_on() -> None:
    request = browser()
    assert asked(writer, request) == "primary"
    assert request.session[WROTE] > 0
    assert asked(who) == "replica"


def test_what_the_replica_does_not_have_is_looked_for_in_the_primary() -> None:
    assert asked(missing) == "primary"
