"""Where many reminders are due, two sessions make half of them each."""

import threading

import pytest
from django.db import connection

from notifications.matching import match
from notifications.matching.in_halves import IN_A_ROW, in_halves
from notifications.matching.match import match_batches, match_due
from notifications.models import Notice, Record
from secretary.ops.owner import as_owner
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, record

DAY = MORNING.replace(day=30)
TRANSACTIONS = "SELECT count(DISTINCT xmin::text) FROM notifications_notice WHERE cause LIKE 'due_soon:%'"


@pytest.mark.django_db(transaction=True)
def test_each_record_is_in_one_of_the_halves_and_each_half_in_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match, "MANY", 3)
    enrol(1, make_data_type())
    ingest(record(1), record(1))
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('notifications_record', 'id'), (max(id) / %s + 1) * %s)"
            " FROM notifications_record",
            [IN_A_ROW, IN_A_ROW],
        )
    ingest(record(1), record(1))
    match_batches(now=MORNING)
    assert (match_due(now=DAY), match_due(now=DAY)) == (4, 0)
    reminders = Notice.objects.filter(cause__startswith="due_soon:")
    assert sorted(reminders.values_list("record_id", flat=True)) == sorted(Record.objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(TRANSACTIONS)
        assert cursor.fetchone() == (2,)


def test_what_one_half_has_done_stays_where_the_other_fails() -> None:
    done = []

    def work(left_out: bool) -> int:
        if not left_out:
            raise ConnectionError
        done.append(threading.current_thread().name)
        return 1

    with pytest.raises(ConnectionError):
        in_halves(work)
    assert done == ["MainThread"]
