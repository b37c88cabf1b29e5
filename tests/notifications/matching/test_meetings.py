"""Two matchings that make the same notices at the same time: each is made once, and all others too."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction

from notifications.matching import match
from notifications.matching.match import match_batches, match_due, match_everything, match_record
from notifications.models import IngestBatch, Notice, Record
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, make_feed, record

pytestmark = pytest.mark.django_db(transaction=True)
PLAIN, LEAVING_OUT = False, True  # INSERTs of notices, by whether they leave out what is there


@pytest.fixture(autouse=True)
def _no_meeting_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match, "CAUTION", match.Caution())
    monkeypatch.setattr(match.Caution, "LASTS", 3)


@pytest.fixture
def first() -> int:
    """The first of two new records of two people, not matched yet."""
    fine = make_data_type()
    make_feed()
    for person in (1, 2):
        enrol(person, fine, channels=["sms"])
    ingest(record(1), record(2))
    return Record.objects.order_by("pk")[0].pk


def inserts_of(matching: Callable[[], int]) -> tuple[int, list[bool]]:
    """What it returns, and its INSERTs of notices."""
    inserts = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        if "INSERT INTO notifications_notice" in sql:
            inserts.append("ON CONFLICT" in sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        return matching(), inserts


def beside_another(matching: Callable[[], int], *, record_id: int, now: Any, undone: bool) -> tuple[int, list[bool]]:
    """The same, while another transaction makes a notice about that record, and ends once it is waited for."""

    def alone() -> tuple[int, list[bool]]:
        try:
            return inserts_of(matching)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            match_record(record_id=record_id, now=now)
            result = other.submit(alone)
            while not _one_waits():
                assert not result.done(), "it did not meet the notice that is being made"
            transaction.set_rollback(undone)
        return result.result(30)


def _one_waits() -> bool:
    """Whether another session waits for this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        (waits,) = cursor.fetchone()
    return bool(waits)


def notified_of(**where: Any) -> list[int]:
    """Records with such a notice, once for each."""
    return sorted(Notice.objects.filter(**where).values_list("record_id", flat=True))


def every_record() -> list[int]:
    return sorted(Record.objects.values_list("pk", flat=True))


def test_reminders_that_another_matching_makes_are_left_out_and_the_others_made(first: int) -> None:
    match_everything(now=MORNING)
    day = MORNING.replace(day=30)
    made, inserts = beside_another(partial(match_due, now=day), record_id=first, now=day, undone=False)
    assert (made, inserts) == (1, [PLAIN, LEAVING_OUT])
    assert notified_of(cause__startswith="due_soon") == every_record()


def test_notices_of_new_records_that_another_matching_makes_are_left_out_and_the_others_made(first: int) -> None:
    matching = partial(match_batches, now=MORNING)
    batches, inserts = beside_another(matching, record_id=first, now=MORNING, undone=False)
    assert (batches, inserts) == (1, [PLAIN, LEAVING_OUT])
    assert notified_of(cause="issued") == every_record() == notified_of()
    assert not IngestBatch.objects.filter(matched_at=None).exists()


def test_where_the_other_matching_is_undone_the_first_statement_makes_them_all(first: int) -> None:
    matching = partial(match_batches, now=MORNING)
    assert beside_another(matching, record_id=first, now=MORNING, undone=True) == (1, [PLAIN])
    assert notified_of() == every_record()


def test_after_a_meeting_some_matchings_look_for_what_is_there(first: int) -> None:
    matching = partial(match_batches, now=MORNING)
    match_record(record_id=first, now=MORNING)
    seen = [inserts_of(matching)[1]]
    for _ in range(3):
        ingest(record(1))
        seen.append(inserts_of(matching)[1])
    assert seen == [[PLAIN, LEAVING_OUT], [LEAVING_OUT], [LEAVING_OUT], [PLAIN]]
    assert notified_of() == every_record()


def test_records_that_are_not_all_new_and_matchings_of_a_caller_leave_out_what_is_there(first: int) -> None:
    matching = partial(match_batches, now=MORNING)
    assert inserts_of(matching) == (1, [PLAIN])
    number = Record.objects.get(pk=first).external_id
    ingest(record(1, external_id=number, version=2), record(2))
    assert inserts_of(matching) == (1, [LEAVING_OUT])
    ingest(record(2))
    with transaction.atomic():
        assert inserts_of(matching) == (1, [LEAVING_OUT])
    assert notified_of() == every_record()


def test_a_person_whom_new_records_name_by_both_keys_is_one_and_two_people_are_two(first: int) -> None:
    match_batches(now=MORNING)
    named = {"name": "홍길동", "birth_date": "1960-01-02"}
    subject = record(1)["subject"]
    ingest(record(1, subject={**subject, **named, "phone": "010-0000-0001"}))
    ingest(record(1, subject={**subject, **named, "phone": "010-0000-0002"}))
    assert inserts_of(partial(match_batches, now=MORNING)) == (2, [PLAIN])
    _, _, once, twice = every_record()
    assert (notified_of(record=once), notified_of(record=twice)) == ([once], [twice, twice])
