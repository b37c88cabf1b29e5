"""Test reading feeds, an agency's API and its dropped files: from the cursor, nothing lost and nothing twice."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from notifications import tasks
from notifications.intake import read_feed as reading
from notifications.intake.read_feed import FeedBusy, begin_run, read_feed
from notifications.intake.sample_feeds import sample_feeds
from notifications.models import Alarm, Feed, FeedRun, IngestBatch, Record, RefusedLine
from tests.notifications.cast import MORNING, make_data_type, make_feed, record
from tests.notifications.sources.source import paged, serving
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
AGENCIES = {
    "koroad": "licence_renewal",
    "kosaf": "national_scholarship",
    "nhis": "health_checkup",
    "kdca": "vaccination",
}


def feed_of(sandbox: SandboxProcess, name: str, **given: Any) -> Feed:
    """A sample feed that begins behind the records that the sandbox's agency has sent to other tests."""
    agency, kind, settings = sample_feeds(sandbox.environment["DATA_GO_KR_BASE_URL"])[name]
    make_data_type(AGENCIES[agency], agency)
    if kind == "http_pull":
        settings |= {"start_after": str(sandbox.request("GET", "/control/agencies")[agency]["records"])}
    feed = make_feed(name, agency)
    feed.kind, feed.settings = kind, settings | given
    feed.save()
    return feed


def about(agency: str, number: int, **values: Any) -> list[dict[str, Any]]:
    return [record(person, data_type=AGENCIES[agency], **values) for person in range(1, number + 1)]


def offer(sandbox: SandboxProcess, agency: str, records: list[dict[str, Any]]) -> None:
    sandbox.request("POST", f"/control/agencies/{agency}/records", records)


def read(feed: Feed, **given: Any) -> FeedRun:
    return read_feed(feed_id=feed.pk, now=MORNING, **given)


def counted(run: FeedRun) -> tuple[int, int, int, int, int]:
    kept = FeedRun.objects.get(pk=run.pk)
    for name in ("read", "new", "changed", "duplicate", "refused"):
        assert getattr(run, name) == getattr(kept, name)
    return run.read, run.new, run.changed, run.duplicate, run.refused


def csv_of(records: list[dict[str, Any]]) -> str:
    rows = [{key: item[key] for key in ("external_id", "data_type", "version")} | item["subject"] | item["fields"]
            for item in records]  # fmt: skip
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def json_lines(records: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in records)


@pytest.fixture
def drop(settings: Any, tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Put a file into the folder of the vaccination agency."""
    settings.FILE_DROP_ROOT = tmp_path
    (tmp_path / "kdca-file").mkdir()

    def put(name: str, content: bytes) -> Path:
        path = tmp_path / "kdca-file" / name
        path.write_bytes(content)
        return path

    return put


@pytest.fixture
def files(drop: Any) -> Feed:
    """The vaccination agency's folder."""
    make_data_type("vaccination", "kdca")
    feed = make_feed("kdca-file", "kdca", settings={"folder": "kdca-file"})
    feed.kind = "file_drop"
    feed.save()
    return feed


@pytest.mark.parametrize("agency", ["koroad", "kosaf"])
def test_an_agencys_api_is_read_to_its_end_and_then_only_what_is_new(sandbox: SandboxProcess, agency: Any) -> None:
    feed = feed_of(sandbox, f"{agency}-pull", rows=4)
    known = about(agency, 10)
    offer(sandbox, agency, known)
    assert counted(read(feed)) == (10, 10, 0, 0, 0)
    assert counted(read(feed)) == (0, 0, 0, 0, 0)
    offer(sandbox, agency, [{**known[0], "version": 2, "state": "paid"}, {**known[1], "fields": {}, "version": 2}])
    assert counted(read(feed)) == (2, 0, 1, 0, 1)
    assert RefusedLine.objects.get().external_id == known[1]["external_id"]
    assert Record.objects.get(external_id=known[0]["external_id"]).state == "paid"


@pytest.mark.parametrize("agency", ["nhis", "kdca"])
def test_files_that_an_agency_drops_are_read_once(sandbox: SandboxProcess, settings: Any, agency: Any) -> None:
    settings.FILE_DROP_ROOT = Path(sandbox.environment["FILE_DROP_DIR"])
    feed = feed_of(sandbox, f"{agency}-file")
    offer(sandbox, agency, about(agency, 6))
    sandbox.request("POST", f"/control/agencies/{agency}/drop")
    assert counted(read(feed)) == (6, 6, 0, 0, 0)
    assert counted(read(feed)) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.csv", lambda records: csv_of(records).encode("cp949")),
        ("a.csv", lambda records: csv_of(records).encode("utf-8-sig")),
        ("a.csv", lambda records: csv_of(records).encode()),
        ("a.jsonl", lambda records: json_lines(records).encode()),
    ],
    ids=["cp949", "utf-8 with bom", "utf-8", "json lines"],
)
def test_a_bad_line_of_a_file_is_named_by_its_number_and_the_same_file_again_changes_nothing(
    files: Feed, drop: Callable[[str, bytes], Path], capsys: pytest.CaptureFixture[str], name: Any, write: Any
) -> None:
    records = about("kdca", 5)
    records[3]["fields"]["due_on"] = "2026-02-30"
    drop(name, write(records))
    call_command("ingest_feed", "kdca-file")
    shown = capsys.readouterr()
    assert "5 read, 4 new, 0 changed, 0 duplicate, 1 refused" in shown.out
    line = RefusedLine.objects.get()
    number = 5 if name.endswith("csv") else 4  # a CSV's first line is its header
    assert (line.place, line.line, line.reason, line.detail) == (name, number, "no_such_day", "due_on")
    assert f"{name} line {number}" in shown.err
    drop(f"again-{name}", write(records) + write(records[:1]).splitlines(keepends=True)[-1])  # and its first line twice
    before = list(Record.objects.order_by("pk").values())
    assert counted(read(files)) == (6, 0, 0, 5, 1)
    assert list(Record.objects.order_by("pk").values()) == before
    assert IngestBatch.objects.count() == 1


def test_a_crash_between_two_pages_loses_nothing_and_reads_nothing_twice(
    files: Feed, drop: Callable[[str, bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    files.settings |= {"page_lines": 4}
    files.save()
    drop("a.csv", csv_of(about("kdca", 10)).encode())
    pages: list[int] = []

    def crash_on_the_second(**given: Any) -> Any:
        pages.append(len(given["lines"]))
        if len(pages) == 2:
            raise MemoryError
        return ingest_page(**given)

    ingest_page = reading.ingest_page  # type: ignore[attr-defined]
    monkeypatch.setattr(reading, "ingest_page", crash_on_the_second)
    with pytest.raises(MemoryError):
        read(files)
    assert Record.objects.count() == 4
    assert counted(FeedRun.objects.get(state="failed")) == (4, 4, 0, 0, 0)
    assert Alarm.objects.filter(kind="feed").exists()
    assert counted(read(files)) == (6, 6, 0, 0, 0)
    assert pages == [4, 4, 4, 2, 0]


def test_a_long_file_is_read_in_turns(files: Feed, drop: Callable[[str, bytes], Path]) -> None:
    files.settings |= {"page_lines": 4}
    files.save()
    drop("a.csv", csv_of(about("kdca", 10)).encode())
    assert [read(files, until=lambda: True).new for _ in range(4)] == [4, 4, 2, 0]
    assert set(FeedRun.objects.values_list("state", flat=True)) == {"finished"}


def test_the_task_enqueues_its_successor_when_its_time_is_up(
    files: Feed, drop: Callable[[str, bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueued: list[Any] = []
    monkeypatch.setattr("secretary.kernel.enqueue.enqueue", lambda name, **given: enqueued.append((name, given)))
    drop("a.csv", csv_of(about("kdca", 3)).encode())
    tasks.read_one_feed(feed_id=files.pk)
    assert enqueued == []
    monkeypatch.setattr(tasks, "READ_SECONDS", -1)
    tasks.read_one_feed(feed_id=files.pk, dry_run=1)
    assert enqueued == []
    tasks.read_one_feed(feed_id=files.pk)
    assert enqueued == [("read_feed", {"feed_id": files.pk})]


def test_a_dry_run_keeps_counts_and_refused_lines_and_nothing_else(
    files: Feed, drop: Callable[[str, bytes], Path]
) -> None:
    drop("a.jsonl", json_lines([*about("kdca", 3), record(version=0)]).encode() + b"{broken\n")
    run = read(files, dry_run=True)
    assert counted(run) == (5, 3, 0, 0, 2)
    assert [line.line for line in run.refused_lines.all()] == [4, 5]
    assert not Record.objects.exists()
    assert Feed.objects.get(pk=files.pk).cursor == {}


def test_an_all_or_nothing_feed_counts_the_refused_page_once(files: Feed, drop: Callable[[str, bytes], Path]) -> None:
    files.all_or_nothing, files.settings = True, {**files.settings, "page_lines": 2}
    files.save()
    drop("a.jsonl", json_lines([*about("kdca", 3), record(version=0)]).encode())
    run = read(files)
    assert run.state == "refused"
    assert counted(run) == (4, 2, 0, 0, 1)
    assert RefusedLine.objects.get().line == 4
    assert Record.objects.count() == 2


def test_one_feed_is_read_by_one_at_a_time(files: Feed, drop: Callable[[str, bytes], Path]) -> None:
    begin_run(feed=files, now=MORNING)
    with pytest.raises(FeedBusy):
        read(files)
    with pytest.raises(CommandError, match="by another process"):
        call_command("ingest_feed", "kdca-file")
    tasks.read_one_feed(feed_id=files.pk)  # and the task leaves it to them
    read(files, dry_run=True)  # a dry run blocks no reading


def test_a_run_that_died_is_closed_and_taken_over(files: Feed, drop: Callable[[str, bytes], Path]) -> None:
    dead = begin_run(feed=files, now=MORNING)
    FeedRun.objects.filter(pk=dead.pk).update(alive_at=Now() - timedelta(minutes=3))
    drop("a.jsonl", json_lines(about("kdca", 2)).encode())
    assert read(files).new == 2
    dead.refresh_from_db()
    assert (dead.state, dead.message[:12]) == ("failed", "no heartbeat")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("a.csv", b"PK\3\4" + b"\0" * 60, "wrong_file_type"), ("a.csv", b"external_id,data_type\r\nA,vacc", "truncated")],
)
def test_a_refused_source_raises_an_alarm_and_the_other_files_go_in(
    files: Feed, drop: Callable[[str, bytes], Path], name: Any, content: Any, code: Any
) -> None:
    drop("good.jsonl", json_lines(about("kdca", 2)).encode())
    drop(name, content)
    run = read(files)
    assert run.state == "refused" and run.message.startswith(f"{code}: {name}")
    assert run.new == 2
    assert Alarm.objects.get(kind="feed").subject == "kdca-file"
    with pytest.raises(CommandError, match=code):
        call_command("ingest_feed", "kdca-file")


def test_an_agency_that_is_down_is_read_again_from_the_same_place(sandbox: SandboxProcess) -> None:
    feed = feed_of(sandbox, "koroad-pull")
    offer(sandbox, "koroad", about("koroad", 3))
    sandbox.fault("data_go_kr", "rate_limit", on="read", retry_after=7, count=1)
    assert read(feed).state == "failed"
    assert counted(read(feed)) == (3, 3, 0, 0, 0)


def test_our_key_goes_to_no_host_that_it_does_not_belong_to(sandbox: SandboxProcess, settings: Any) -> None:
    """Nothing arrives at a listener beside the agency's, for any author of the feed; the run has the reason."""
    settings.ADAPTER_CONFIG = {**settings.ADAPTER_CONFIG, **sandbox.environment}
    with serving(paged([])) as collector:
        feed = feed_of(sandbox, "koroad-pull", url=collector.url)
        run = read(feed)
        assert (run.state, collector.queries) == ("refused", [])
        assert "belongs to" in run.message and settings.ADAPTER_CONFIG["DATA_GO_KR_SERVICE_KEY"] not in run.message
        assert Alarm.objects.get(kind="feed").subject == "koroad-pull"
        settings.DATA_GO_KR_HOSTS = [urlsplit(collector.url).netloc]
        assert read(feed).state == "finished"
        assert len(collector.queries) == 1


@pytest.mark.parametrize("now", ["tomorrow", "0001-01-01T00:00", "9999-12-31T23:59-12:00", "1999-12-31"])
def test_an_instant_that_is_none_is_reported_in_one_line(
    files: Feed, drop: Callable[[str, bytes], Path], now: Any
) -> None:
    with pytest.raises(CommandError, match=now):
        call_command("ingest_feed", "kdca-file", now=now)
