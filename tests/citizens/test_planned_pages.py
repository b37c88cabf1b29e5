"""Every page of a citizen is the same with statements that are planned once for a connection, as web processes have
them: other tests of pages run within a transaction, where each statement is sent as it is."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from psycopg2.extensions import cursor

from benchmarks.rig.catalogue import announced_types
from benchmarks.rig.walk.browsers import session_keys
from benchmarks.rig.walk.citizen_pages import PAGES, Page
from benchmarks.rig.walk.reader import LEFT_OUT, Reader, make_reader
from secretary.kernel.database.prepared import PlanningCursor
from subscriptions.data_types.load import load_catalogue
from tests.notifications.cast import MORNING
from tests.support.together import Cases

pytestmark = pytest.mark.django_db(transaction=True)
NOTICES = 300
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')
PREPARED = "SELECT name, generic_plans + custom_plans FROM pg_prepared_statements WHERE name LIKE 'page\\_%'"


@pytest.fixture
def reader(time_machine: Any) -> Reader:
    time_machine.move_to(MORNING, tick=False)
    load_catalogue(now=MORNING, approve=True)
    kinds = [kind for kind in announced_types() if kind.code != LEFT_OUT]
    return make_reader(kinds=kinds, left_out=LEFT_OUT, notices=NOTICES, still_open=NOTICES, now=MORNING)


@pytest.fixture(autouse=True)
def session() -> Iterator[None]:
    """One session of the database for the test, however many pages are opened, and none of it left for others."""
    kept = connection.settings_dict["CONN_MAX_AGE"]
    connection.settings_dict["CONN_MAX_AGE"] = None
    yield
    connection.settings_dict["CONN_MAX_AGE"] = kept
    connection.close()


def opened(page: Page, reader: Reader, key: str, factory: type[cursor]) -> tuple[int, bytes]:
    connection.ensure_connection()
    connection.connection.cursor_factory = factory
    client, form = Client(), page.form(reader)
    if key:
        client.cookies[settings.SESSION_COOKIE_NAME] = key
    path = page.path(reader)
    answer = client.get(path) if form is None else client.post(path, form, follow=True)
    return answer.status_code, TOKEN.sub(b"", answer.content)


def test_every_page_is_the_same_where_its_statements_are_planned_once(reader: Reader) -> None:
    keys, cases = session_keys(reader, now=MORNING), Cases()
    for page in PAGES:
        with cases.case(f"{page.path(reader)} {page.browser} {page.posted or ''}"):
            opened(page, reader, keys[page.browser], cursor)  # what is written when it is opened first
            as_it_is = opened(page, reader, keys[page.browser], cursor)
            assert as_it_is[0] == 200
            for _time in ("prepared, executed", "executed"):
                assert opened(page, reader, keys[page.browser], PlanningCursor) == as_it_is
    cases.conclude()
    with connection.cursor() as look:
        look.execute(PREPARED)
        executed = dict(look.fetchall())
    assert len(executed) > 40 and min(executed.values()) >= 1
