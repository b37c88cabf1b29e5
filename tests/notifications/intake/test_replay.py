"""A feed is read again from its beginning: first dry, with what it would do and how far it is; then for real."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from notifications import tasks
from notifications.intake.masked import masked
from notifications.intake.read_feed import read_feed
from notifications.models import Alarm, Feed, FeedRun, IngestBatch, Record, RefusedLine
from secretary.kernel.models import AuditEvent
from tests.notifications.cast import MORNING, make_data_type, make_feed, record
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.browser_forms import fill_in

pytestmark = pytest.mark.django_db
Drop = Callable[..., None]


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Feed:
    settings.FILE_DROP_ROOT = tmp_path
    (tmp_path / "knpa").mkdir()
    make_data_type()
    feed = make_feed("knpa-file", "knpa")
    feed.kind, feed.settings = "file_drop", {"folder": "knpa", "page_lines": 2}
    feed.save()
    return feed


@pytest.fixture
def drop(files: Feed, tmp_path: Path) -> Drop:
    def put(name: str, *records: dict[str, Any]) -> None:
        (tmp_path / "knpa" / name).write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in records))

    return put


def counts(run: FeedRun) -> tuple[int, ...]:
    kept = FeedRun.objects.get(pk=run.pk)
    return kept.read, kept.new, kept.changed, kept.duplicate, kept.refused


def read(feed: Feed, **given: Any) -> FeedRun:
    return read_feed(feed_id=feed.pk, now=MORNING, **given)


def rows() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin, r.* FROM notifications_record r ORDER BY id")
        return list(cursor.fetchall())


def same(number: int, **values: Any) -> dict[str, Any]:
    return record(number, external_id=f"r-{number}", **values)


@pytest.mark.parametrize("versions", ["numbered", "none"])
def test_a_dry_replay_counts_what_the_replay_does_and_writes_nothing(files: Feed, drop: Drop, versions: str) -> None:
    Feed.objects.filter(pk=files.pk).update(versions=versions)
    drop("a.jsonl", *(same(number) for number in range(1, 5)))
    read(files)
    drop("a.jsonl", same(1), same(2, version=2, state="paid"), same(3), same(5), same(6, version=0))
    before = rows(), IngestBatch.objects.count(), Feed.objects.get(pk=files.pk).cursor
    dry = read(files, dry_run=True, replay=True)
    assert (rows(), IngestBatch.objects.count(), Feed.objects.get(pk=files.pk).cursor) == before
    wrong = 1 if versions == "numbered" else 0
    assert counts(dry) == (5, 2 - wrong, 1, 2, wrong)
    assert (dry.expected, dry.state, dry.replay) == (5, "finished", True)
    assert not Alarm.objects.exists()
    assert counts(read(files, replay=True)) == counts(dry)
    assert counts(read(files, replay=True)) == (5, 0, 0, 5 - wrong, wrong)  # a replay changes nothing


def test_other_content_under_a_known_version_is_refused_by_a_dry_run_too(files: Feed, drop: Drop) -> None:
    drop("a.jsonl", same(1))
    read(files)
    drop("a.jsonl", same(1, state="paid"))
    dry = read(files, dry_run=True, replay=True)
    assert counts(dry) == (1, 0, 0, 0, 1)
    assert dry.refused_lines.get().reason == "same_version_other_content"


def test_the_operator_sees_how_far_it_is_and_replays_only_after_a_dry_replay(
    files: Feed, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, int]] = []
    monkeypatch.setattr("notifications.admin.feed.enqueue", lambda _, **given: asked.append(given))
    operator, page = staff_client("operator"), f"/admin/notifications/feed/{files.pk}"
    drop("a.jsonl", same(1), same(2), same(3))
    assert "step/replay/" not in operator.get(f"{page}/change/").content.decode()
    assert "먼저" in fill_in(operator, f"{page}/step/replay/", reason="기관이 고쳐 보냄").content.decode()
    fill_in(operator, f"{page}/step/dry-replay/", reason="기관이 고쳐 보냄")
    tasks.read_one_feed(**asked[-1])
    dry = FeedRun.objects.get()
    assert (dry.dry_run, dry.new, Record.objects.count()) == (True, 3, 0)
    assert "step/replay/" in operator.get(f"{page}/change/").content.decode()
    fill_in(operator, f"{page}/step/replay/", reason="시험한 대로 반영")
    tasks.read_one_feed(**asked[-1])
    assert Record.objects.count() == 3
    assert asked == [{"feed_id": files.pk, "dry_run": 1, "replay": 1}, {"feed_id": files.pk, "replay": 1}]
    assert AuditEvent.objects.filter(action__in=("feed dry replay asked for", "feed replay asked for")).count() == 2
    FeedRun.objects.filter(pk=dry.pk).update(state="running", read=2)
    shown = operator.get(f"/admin/notifications/feedrun/{dry.pk}/change/").content.decode()
    assert "3줄 중 2줄을 읽었습니다." in shown and 'max="3" value="2"' in shown


def test_a_dry_replay_without_end_stops_and_says_so(files: Feed, drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    drop("a.jsonl", *(same(number) for number in range(1, 6)))
    monkeypatch.setattr(tasks, "DRY_SECONDS", -1)
    tasks.read_one_feed(feed_id=files.pk, dry_run=1, replay=1)
    run = FeedRun.objects.get()
    assert (run.read, run.state) == (2, "finished") and "only the beginning" in run.message


def test_a_refused_value_is_shown_masked_with_what_to_do(files: Feed, drop: Drop) -> None:
    subject = {"name": "홍길동", "birth_date": "1985/13/99", "phone": "010-0000-0001"}
    drop("a.jsonl", same(1, subject=subject), same(2, fields={"amount": "사만 원 (40,000)"}))
    run = read(files)
    lines = {line.detail: line.value for line in RefusedLine.objects.all()}
    assert lines == {"birth_date": "9999/99/99", "amount": "가가 가 (99,999)"}
    page = staff_client("operator").get(f"/admin/notifications/feedrun/{run.pk}/change/").content.decode()
    assert "9999/99/99" in page and "1985/13/99" not in page and "2026-03-14" in page  # the remedy's example
    assert masked("홍길동 Abc-1\x00") == "가가가 Aaa-9?"
    assert masked("가" * 100) == "가" * 40 + "… (100)"
    assert (masked(True), masked({"a": 1}), masked(12.5)) == ("Aaaa", "{…}", "99.9")
