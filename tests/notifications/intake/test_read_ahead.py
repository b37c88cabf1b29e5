"""A file is read ahead: the next page is checked in a thread while one is written, by what holds when it is written."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from notifications.intake import read_feed as reading
from notifications.intake.read_feed import read_feed
from notifications.models import Feed, FeedRun, Record, RefusedLine, SerialPattern
from subscriptions.models import DataType
from tests.notifications.cast import MORNING, make_data_type, make_feed
from tests.notifications.intake.test_read_feed import about, counted, json_lines

pytestmark = pytest.mark.django_db
SERIAL = "2611281000123"  # as the date of a birth and seven digits


@pytest.fixture
def four_pages(settings: Any, tmp_path: Path) -> Feed:
    """Four pages of two lines; the third has a number that only its agency's pattern accepts."""
    settings.FILE_DROP_ROOT = tmp_path
    (tmp_path / "f").mkdir()
    make_data_type("vaccination", "kdca")
    feed = make_feed("kdca-file", "kdca", settings={"folder": "f", "page_lines": 2}, id_digits=None)
    feed.kind = "file_drop"
    feed.save()
    records = about("kdca", 8)
    records[4]["external_id"] = SERIAL
    (tmp_path / "f" / "a.jsonl").write_text(json_lines(records), encoding="utf-8")
    return feed


@pytest.fixture
def at_page(monkeypatch: pytest.MonkeyPatch) -> dict[int, Any]:
    """What happens just before a page is written, by its number; the next is being read then."""
    doings: dict[int, Any] = {}
    write, pages = reading.ingest_page, [0]  # type: ignore[attr-defined]

    def written(**given: Any) -> Any:
        pages[0] += 1
        doings.get(pages[0], lambda: None)()
        return write(**given)

    monkeypatch.setattr(reading, "ingest_page", written)
    return doings


def read(feed: Feed) -> FeedRun:
    return read_feed(feed_id=feed.pk, now=MORNING)


def test_pages_are_checked_in_a_thread_that_has_no_connection(
    four_pages: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    _declare(four_pages)
    check, seen = reading.check_page, []  # type: ignore[attr-defined]

    def checked(**given: Any) -> Any:
        found = check(**given)
        seen.append((threading.current_thread() is threading.main_thread(), connection.connection is None))
        return found

    monkeypatch.setattr(reading, "check_page", checked)
    assert counted(read(four_pages)) == (8, 8, 0, 0, 0)
    assert seen == [(False, True)] * 5  # and one of no lines, behind the file


def test_what_is_withdrawn_while_the_next_page_is_read_counts_for_it(four_pages: Feed, at_page: dict[int, Any]) -> None:
    _declare(four_pages)
    at_page[2] = lambda: SerialPattern.objects.update(ended_at=MORNING)
    assert counted(read(four_pages)) == (8, 7, 0, 0, 1)
    assert RefusedLine.objects.get().reason == "resident_number"


def test_a_kind_that_is_taken_off_meanwhile_is_refused_too(four_pages: Feed, at_page: dict[int, Any]) -> None:
    _declare(four_pages)
    at_page[3] = lambda: DataType.objects.update(live_version=None)
    assert counted(read(four_pages)) == (8, 6, 0, 0, 2)
    assert set(RefusedLine.objects.values_list("reason", flat=True)) == {"unknown_data_type"}


def test_a_page_that_is_refused_as_a_whole_ends_the_run_with_what_was_written(
    four_pages: Feed, at_page: dict[int, Any]
) -> None:
    Feed.objects.update(all_or_nothing=True)
    run = read(four_pages)
    assert run.state == FeedRun.REFUSED
    assert Record.objects.count() == 4  # of the first two pages
    assert not any(thread.name.startswith("reader") for thread in threading.enumerate())


def _declare(feed: Feed) -> None:
    by = {"proposed_by_id": 1, "proposed_at": MORNING, "confirmed_by_id": 2, "confirmed_at": MORNING}
    SerialPattern.objects.create(feed=feed, pattern="##########123", **by)
