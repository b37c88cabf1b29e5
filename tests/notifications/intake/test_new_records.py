"""Pages whose records are all new are copied in without looking for what is there, with the same result."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from django.db import connection

from notifications.intake import ingest as ingesting
from notifications.intake.upsert import Guess
from notifications.models import Feed, IngestBatch, Record, RefusedLine
from tests.notifications.cast import ingest, make_data_type, make_feed, record

pytestmark = pytest.mark.django_db(transaction=True)
COPIED, LOOKED_UP = 0, 1  # upserts of a page that is copied in, and of one that is looked up


@pytest.fixture(autouse=True)
def feed(monkeypatch: pytest.MonkeyPatch) -> Feed:
    monkeypatch.setattr(ingesting, "GUESS", Guess())
    monkeypatch.setattr(Guess, "LEAST", 3)
    monkeypatch.setattr(Guess, "LASTS", 3)
    make_data_type()
    return make_feed()


def upserts_of(*records: dict[str, Any], **options: Any) -> int:
    """How many upserts it took to ingest them."""
    upserts = count()

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        if "INSERT INTO notifications_record" in sql:
            next(upserts)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        ingest(*records, **options)
    return next(upserts)


def page() -> Iterator[dict[str, Any]]:
    """Three new records of all forms: two people's by their CI, one by name, birth date and telephone number."""
    yield record(1)
    yield record(2, state="paid", version=7)
    yield record(subject={"name": "홍길동", "birth_date": "1990-01-02", "phone": "010-0000-0001"})


def stored(of: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every column that is not the row's own or drawn by lot, in the order of the lines."""
    own = {"id", "external_id", "batch_id", "payload_encrypted"}
    rows = {row["external_id"]: row for row in Record.objects.values()}
    return [{name: value for name, value in rows[each["external_id"]].items() if name not in own} for each in of]


def test_new_records_are_copied_in_with_every_column_that_an_upsert_would_write(monkeypatch: Any) -> None:
    copied, upserted = list(page()), list(page())
    assert upserts_of(*copied) == COPIED
    monkeypatch.setattr(Guess, "LEAST", 4)
    assert upserts_of(*upserted) == LOOKED_UP
    assert stored(copied) == stored(upserted)
    assert [each.pop("digest_version") for each in stored(copied)] == [1, 7, 1]


def test_a_page_of_which_one_record_is_known_is_looked_up_as_a_whole_and_so_are_the_next_ones() -> None:
    known = record(1)
    ingest(known)
    before = IngestBatch.objects.count()
    assert upserts_of(*page(), known) == LOOKED_UP
    assert (Record.objects.count(), IngestBatch.objects.count()) == (4, before + 1)
    assert [upserts_of(*page()) for _ in range(3)] == [LOOKED_UP, LOOKED_UP, COPIED]


def test_a_correction_and_a_contradiction_among_new_records_count_as_ever() -> None:
    corrected, contradicted = record(1), record(2)
    ingest(corrected, contradicted)
    other = {**contradicted, "fields": {**contradicted["fields"], "amount": 70000}}
    counts = ingest(*page(), {**corrected, "version": 2}, other)
    assert (counts.new, counts.changed, counts.refused) == (3, 1, 1)
    assert RefusedLine.objects.get().external_id == contradicted["external_id"]


def test_another_feeds_wrong_guess_is_not_this_ones(feed: Feed) -> None:
    known = record(1)
    ingest(known)
    assert upserts_of(*page(), known) == LOOKED_UP
    assert upserts_of(*page(), feed=make_feed("knpa-file")) == COPIED
    assert upserts_of(*page(), feed=feed) == LOOKED_UP


def test_a_few_records_are_not_worth_a_guess() -> None:
    assert upserts_of(record(1), record(2)) == LOOKED_UP
