"""However many notices there are, a page has at most 100 kB, is made by few statements, and locks no row."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications.channels.contract import Verdict
from tests.citizens.inbox.cast import arrive, hand_over
from tests.citizens.inbox.conftest import Reader
from tests.notifications.cast import record
from tests.support.together import Cases

pytestmark = pytest.mark.django_db
MOST_BYTES = 100_000
# Statements. The first list alone says of each kind when it was last heard and what comes next.
OF_THE_FIRST, OF_OTHERS, OF_A_NOTICE = 7, 6, 9
TRANSACTION = re.compile(r"^(?:RELEASE )?SAVEPOINT")  # of the test's own transaction: BEGIN and COMMIT in production
LOCKS = re.compile(r"\bFOR\s+(?:NO\s+KEY\s+UPDATE|UPDATE|KEY\s+SHARE|SHARE)\b", re.IGNORECASE)


def test_a_page_of_the_inbox_takes_few_statements_and_at_most_a_hundred_kilobytes(reader: Reader) -> None:
    notices = arrive(*(record(1) for _ in range(45)))
    hand_over((Verdict.ACCEPTED, ""), (Verdict.UNDELIVERABLE, "3019"))
    hand_over((Verdict.DELIVERED, ""))
    reader.get("/pay/")  # opens the bills, once
    reader.notice(notices[0])  # a process compiles each template, and prepares a statement, once
    newest = f"/inbox/{notices[-1].pk}/"
    cases = Cases()
    others = ["/inbox/?show=to-do", "/inbox/?kind=traffic_fine", f"/inbox/?before={notices[30].pk}"]
    of_one = [newest, newest, f"{newest}print/", f"{newest}days.ics"]
    lists = [("/inbox/", OF_THE_FIRST), *((each, OF_OTHERS) for each in others)]
    for path, most in [*lists, *((each, OF_A_NOTICE) for each in of_one)]:
        with cases.case(path), CaptureQueriesContext(connection) as asked:
            size = len(reader.client.get(path).content)
            statements = [query["sql"] for query in asked if not TRANSACTION.match(query["sql"])]
            assert len(statements) <= most, statements
            assert size <= MOST_BYTES
            assert [sql for sql in statements if LOCKS.search(sql)] == []
    cases.conclude()
