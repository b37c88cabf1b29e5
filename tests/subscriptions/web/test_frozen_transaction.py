"""Test that a process frozen in a transaction that has written audit lines keeps no other request waiting."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
import pytest
from django.db import connection
from django.test import Client

from subscriptions.models import Citizen
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import FakeProvider
from tests.subscriptions.web.steps import until_check

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("offered_anew")]
PASSWORD = {"username": "official", "password": "right-password-1"}


@contextmanager
def frozen() -> Iterator[None]:
    """Its open transaction has audit lines of a sign-in and an enrolment, and never ends."""
    with closing(psycopg2.connect(**connection.get_connection_params())) as other, other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO common_auditevent (at, actor, action, object, reason, previous_hash, hash)"
            " SELECT now(), 'official:1', 'signed in', '', '', '', '' FROM generate_series(1, 3)"
        )
        yield
        other.rollback()


@pytest.fixture
def errors_instead_of_waits() -> None:
    """A wait for a lock of another transaction is an error at once, instead of a hanging test."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 1")


def test_pages_sign_in_and_sign_up_answer_while_a_transaction_with_audit_lines_is_frozen(
    client: Client, provider: FakeProvider, errors_instead_of_waits: None
) -> None:
    cast.official()
    with frozen():
        assert client.get("/healthz").status_code == 200
        assert client.get("/").status_code == 200
        assert client.post("/officials/login/", PASSWORD)["Location"] == "/officials/"
        client.logout()
        until_check(client)
        assert client.post("/sign-up/check/")["Location"] == "/sign-up/done/"
    assert Citizen.objects.count() == 1
