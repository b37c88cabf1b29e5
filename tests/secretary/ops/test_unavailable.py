"""What is answered while the database is away, and what is still called an error. Over real HTTP: tests/faults."""

from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg2
import pytest
from django.db import connection, transaction
from django.test import Client

from notifications.receipts import receive
from secretary.kernel.database.outage import is_outage
from secretary.kernel.time import clock

Visitor = Callable[[Callable[[], None]], Client]
BROWSER = {"accept": "text/html,*/*;q=0.8"}


def refused() -> None:
    with connection.wrap_database_errors:
        psycopg2.connect("postgresql://app@127.0.0.1:9/unknown")


def cut() -> None:
    with connection.wrap_database_errors, another_connection() as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def used_after_the_cut() -> None:
    with connection.wrap_database_errors, another_connection() as other:
        other.close()
        other.cursor()


def late() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 1")
        cursor.execute("SELECT pg_sleep(5)")


def wrong() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM nowhere")


def misused() -> None:
    with connection.cursor() as cursor:
        cursor.close()
        cursor.execute("SELECT 1")


def ours() -> None:
    raise ValueError("no connection")


def another_connection() -> "closing[psycopg2.extensions.connection]":
    return closing(psycopg2.connect(**connection.get_connection_params()))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("happens", "away"),
    [
        *[(refused, True), (cut, True), (used_after_the_cut, True)],
        *[(late, False), (wrong, False), (misused, False), (ours, False)],
    ],
)
def test_only_a_database_that_is_away_is_an_outage(happens: Callable[[], None], away: bool) -> None:
    with pytest.raises(Exception) as raised:
        happens()
    assert is_outage(raised.value) is away


@pytest.fixture
def visitor(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visitor]:
    """A client for whom every use of the database ends as the test sets it."""
    with monkeypatch.context() as patched:

        def meets(happens: Callable[[], None]) -> Client:
            patched.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", lambda _: happens())
            return Client(raise_request_exception=False)

        yield meets


@pytest.mark.parametrize(
    ("path", "session"),
    [("/", ""), *((path, "a" * 32) for path in ("/", "/sign-up/channels/", "/officials/", "/admin/"))],
)
def test_a_browser_gets_a_page_in_both_languages_as_its_reader_likes_it(
    visitor: Visitor, path: str, session: str
) -> None:
    client = visitor(refused)
    for name, value in {"text_size": "150", "contrast": "on", "session": session}.items():
        client.cookies[name] = value
    answer = client.get(path, headers=BROWSER)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    page = answer.content.decode()
    assert 'class="size-150 contrast"' in page
    assert "저장되지 않았을 수 있습니다" in page and "may not have been saved" in page


def test_agencies_get_json(visitor: Visitor) -> None:
    answer = visitor(refused).post("/api/agencies/v1/records", b"{}", "application/json", headers={"x-agency-key": "k"})
    assert (answer.status_code, answer["Retry-After"], answer.json()["code"]) == (503, "30", "unavailable")


def test_what_is_our_fault_stays_one(visitor: Visitor) -> None:
    answer = visitor(ours).get("/", headers=BROWSER)
    assert (answer.status_code, answer.has_header("Retry-After")) == (500, False)


def test_receipts_that_are_not_committed_are_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "ANSWER_SECONDS", 0.01)
    monkeypatch.setattr(receive.ReceiptWriter, "_work", lambda _: None)
    with pytest.raises(Exception) as raised:
        receive.ReceiptWriter().write(gateway="nhn", receipts=[], now=clock.now())
    assert is_outage(raised.value)
