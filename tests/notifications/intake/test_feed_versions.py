"""Test that contradictions of a known version are refused, and that a feed without versions accepts later lines."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from notifications.intake.ingest import BatchRefused
from notifications.intake.read_feed import read_feed
from notifications.matching.mark_paid import hear_from_agency, mark_record_paid
from notifications.models import AgencyKey, Alarm, Feed, FeedRun, Record, RefusedLine, SerialPattern
from secretary.kernel.http.standard_webhooks import new_secret
from tests.notifications.cast import MORNING, ci_of, ingest, make_data_type, make_feed, record
from tests.notifications.intake.test_push import push

pytestmark = pytest.mark.django_db
OTHER: dict[str, dict[str, Any]] = {
    "state": {"state": "withdrawn"},
    "event": {"event": "result"},
    "subject": {"subject": {"ci": ci_of(2)}},
    "amount": {"fields": {"amount": 70000}},
    "a field that is not announced": {"fields": {"violation": "속도위반"}},
    "a field that was not there": {"fields": {"plate": "12가3456"}},
}


@pytest.fixture(autouse=True)
def world() -> None:
    make_data_type()


@pytest.fixture
def drop(settings: Any, tmp_path: Path) -> Callable[[str, bytes], Path]:
    settings.FILE_DROP_ROOT = tmp_path
    (tmp_path / "f").mkdir()

    def put(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return put


@pytest.fixture
def numberless() -> Feed:
    return make_feed("knpa-list", versions=Feed.NO_VERSIONS)


def stored() -> dict[str, Any]:
    return Record.objects.values().get()  # type: ignore[return-value]


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER)
def test_other_content_under_the_same_version_is_named_and_changes_nothing(other: dict[str, Any]) -> None:
    ingest(record(external_id="A"))
    before = stored()
    counts = ingest(record(), record(external_id="A"), record(external_id="A", **other))
    assert (counts.new, counts.changed, counts.duplicate, counts.refused) == (1, 0, 1, 1)
    line = RefusedLine.objects.get()
    assert (line.line, line.external_id, line.reason) == (3, "A", "same_version_other_content")
    assert Alarm.objects.get().kind == "same_version"
    Record.objects.exclude(external_id="A").delete()
    assert stored() == before


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER)
def test_the_same_holds_within_a_page(other: dict[str, Any]) -> None:
    again = {"external_id": "A", "version": 2}
    counts = ingest(record(external_id="A", version=1), record(**again), record(**again, **other), record(**again))  # type: ignore[arg-type]
    assert (counts.read, counts.new, counts.duplicate, counts.refused) == (4, 1, 2, 1)
    assert RefusedLine.objects.get().line == 3


def test_an_old_version_that_contradicts_itself_within_a_page_is_named_as_well() -> None:
    versions = [record(external_id="A", version=1), record(external_id="A", version=2)]
    ingest(*versions, record(external_id="A", version=1, state="paid"))
    assert RefusedLine.objects.get().line == 3


def test_all_or_nothing_holds_for_it() -> None:
    feed = make_feed("strict", all_or_nothing=True)
    ingest(record(external_id="A"))
    with pytest.raises(BatchRefused):
        ingest(record(), record(external_id="A", state="paid"), feed=feed)
    assert Record.objects.count() == 1


def test_an_older_version_is_no_contradiction() -> None:
    ingest(record(external_id="A", version=2))
    assert ingest(record(external_id="A", version=1, state="paid")).duplicate == 1
    assert not Alarm.objects.exists()


def test_however_it_is_written_and_by_whichever_way_it_comes_the_same_is_a_duplicate(
    client: Client, drop: Callable[[str, bytes], Any]
) -> None:
    key = AgencyKey(feed=make_feed(), key_id="knpa-1")
    key.secret = new_secret()
    key.save()
    assert push(client, key, {"records": [record(external_id="A")]}).json()["new"] == 1
    feed = make_feed("file", "knpa")
    feed.kind, feed.settings = "file_drop", {"folder": "f"}
    feed.save()
    columns = "external_id,data_type,version,ci,violation,amount,due_on,hearing_at"
    same = f"A,traffic_fine,1,{ci_of(1)},신호위반,40000,2026-04-02,"
    drop("f/1.csv", f"{columns}\n{same}\n".encode())
    run = read_feed(feed_id=feed.pk, now=MORNING)
    assert (run.duplicate, run.refused) == (1, 0)
    drop("f/2.csv", f"{columns}\n{same.replace('40000', '70000')}\n".encode())
    run = read_feed(feed_id=feed.pk, now=MORNING)
    assert (run.duplicate, run.refused) == (0, 1)
    answer = push(client, key, {"records": [record(external_id="A", state="paid")]}, message_id="m-2").json()
    assert [line["reason"] for line in answer["refused_lines"]] == ["same_version_other_content"]


def test_what_was_paid_here_or_heard_from_the_agencys_biller_is_no_contradiction() -> None:
    ingest(record(external_id="A"), record(external_id="B"))
    first, second = Record.objects.order_by("external_id").values_list("pk", flat=True)
    mark_record_paid(record_id=first, now=MORNING)
    hear_from_agency(record_id=second, state="withdrawn", now=MORNING)
    assert ingest(record(external_id="A"), record(external_id="B")).duplicate == 2


def _as_the_release_before_wrote_it(**stale: Any) -> None:
    Record.objects.update(**{"content_digest": None, "digest_version": 0, **stale})


@pytest.mark.parametrize("written", ["without a digest", "over a newer digest"])
def test_a_record_of_the_release_before_is_compared_by_what_stands_in_the_clear(written: str) -> None:
    ingest(record(external_id="A", version=2))
    stale = {"content_digest": b"\0" * 20, "digest_version": 1} if "over" in written else {}
    _as_the_release_before_wrote_it(**stale)
    for name in ("state", "event", "subject", "amount"):
        assert ingest(record(external_id="A", version=2, **OTHER[name])).refused == 1, name
    assert ingest(record(external_id="A", version=2)).duplicate == 1
    assert ingest(record(external_id="A", version=2, fields={"violation": "속도위반"})).refused == 1  # known by now


def test_fields_that_were_added_to_the_data_type_contradict_nothing() -> None:
    ingest(record(external_id="A", fields={"memo": "x"}))
    version = Record.objects.get().data_type.live_version
    assert version is not None
    version.fields = [*version.fields, {**version.fields[0], "name": "memo", "required": False, "placeholder": "메모"}]
    version.save()
    assert ingest(record(external_id="A", fields={"memo": "x"})).duplicate == 1
    assert ingest(record(external_id="A", fields={"memo": "y"})).refused == 1


def test_without_versions_each_change_is_the_next_one_in_the_order_of_the_file(numberless: Feed) -> None:
    lines = [
        record(external_id="A"),
        record(external_id="A", fields={"amount": 70000}),
        record(external_id="A", version=9, state="withdrawn"),  # a number that means nothing here
    ]
    assert ingest(lines[0], feed=numberless).new == 1
    counts = ingest(*lines[1:], feed=numberless, now=MORNING + timedelta(days=1))
    assert (counts.changed, counts.duplicate, counts.refused) == (1, 1, 0)
    row = Record.objects.get()
    assert (row.version, row.state, row.state_version) == (2, "withdrawn", 2)
    assert ingest(lines[2], feed=numberless).duplicate == 1
    assert ingest(lines[0], feed=numberless).changed == 1
    assert Record.objects.get().state == "open" and not Alarm.objects.exists()


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER)
def test_without_versions_any_other_content_is_newer_and_the_same_is_a_duplicate(
    numberless: Feed, other: dict[str, Any]
) -> None:
    ingest(record(external_id="A"), feed=numberless)
    assert ingest(record(external_id="A"), feed=numberless).duplicate == 1
    assert ingest(record(external_id="A", **other), feed=numberless).changed == 1
    assert ingest(record(external_id="A", **other), feed=numberless).duplicate == 1
    assert Record.objects.get().version == 2


def test_a_record_of_the_release_before_goes_on_without_versions(numberless: Feed) -> None:
    ingest(record(external_id="A", version=4))
    _as_the_release_before_wrote_it()
    ingest(record(external_id="A", fields={"amount": 70000}), feed=numberless)
    row = Record.objects.get()
    assert (row.version, row.changed_version, row.payload["amount"]) == (5, 5, 70000)


FILE = "external_id,data_type,version,state,ci,violation,amount,due_on"
ROW = "{id},traffic_fine,{version},{state},{ci},신호위반,40000,2026-04-02"


@pytest.mark.parametrize(
    ("rows", "advice"),
    [
        ([("A", 1, "open"), ("B", 3, "open")], "numbered"),
        ([("A", "", "open"), ("B", "", "open")], "none"),
        ([("A", 1, "open"), ("B", 1, "open")], "unclear"),
        ([("A", 1, "open"), ("A", 1, "paid")], "clash"),
        ([("A", 2, "open"), ("A", 2, "paid"), ("A", 3, "open")], "clash"),
        ([("old", 1, "paid")], "clash"),  # against an earlier file
        ([], ""),
    ],
)
@pytest.mark.parametrize("versions", [Feed.NUMBERED, Feed.NO_VERSIONS])
def test_a_dry_run_says_which_of_the_two_a_file_needs(
    drop: Callable[[str, bytes], Any], rows: list[tuple[str, Any, str]], advice: str, versions: str
) -> None:
    ingest(record(external_id="old"))
    feed = make_feed("file", "knpa", versions=versions)
    feed.kind, feed.settings = "file_drop", {"folder": "f", "page_lines": 1}
    feed.save()
    lines = [ROW.format(id=name, version=version, state=state, ci=ci_of(1)) for name, version, state in rows]
    drop("f/1.csv", "\n".join([FILE, *lines, ""]).encode())
    run = read_feed(feed_id=feed.pk, now=MORNING, dry_run=True)
    assert FeedRun.objects.get(pk=run.pk).advice == advice
    assert Record.objects.count() == 1


@pytest.mark.parametrize("number", [12345678, 0])
def test_a_number_that_may_have_lost_its_zeros_is_refused_with_the_remedy(number: int) -> None:
    assert ingest(record(external_id=number)).refused == 1
    line = RefusedLine.objects.get()
    assert (line.reason, line.detail.startswith("external_id: write it in quotes")) == ("number_not_text", True)


@pytest.mark.parametrize("number", ["12345678.0", "12345678.00", "1.2345678E7", 12345678.0, 1.2345678e7, "0.0"])
def test_a_number_that_was_read_as_one_with_a_fraction_has_lost_them_too(number: Any) -> None:
    assert ingest(record(external_id=number)).refused == 1
    assert RefusedLine.objects.get().reason == "number_not_text"


@pytest.mark.parametrize("number", ["2026.1", "12E4", "1.0.0", "A.0", "2026-12.0", "0012345678"])
def test_numbers_with_dots_and_letters_are_an_agencys_own(number: str) -> None:
    assert ingest(record(external_id=number)).new == 1
    assert Record.objects.get().external_id == number


def test_a_declared_width_understands_them(settings: Any) -> None:
    feed = make_feed("wide", id_digits=10)
    ids = ("0012345678", "12345678.0", 12345678.0, "0012345678.00")
    counts = ingest(*(record(external_id=number) for number in ids), feed=feed)
    assert (counts.new, counts.duplicate) == (1, 3)
    assert Record.objects.get().external_id == "0012345678"
    assert ingest(record(external_id="1.2345678E7"), feed=feed).refused == 1


def test_a_declared_pattern_says_that_it_is_the_agencys_own() -> None:
    feed = make_feed("dotted")
    SerialPattern.objects.create(
        feed=feed, pattern="####.0", proposed_by_id=1, proposed_at=MORNING, confirmed_by_id=2, confirmed_at=MORNING
    )
    assert ingest(record(external_id="2026.0"), record(external_id="20261.0"), feed=feed).new == 1
    assert Record.objects.get().external_id == "2026.0"


def test_a_declared_width_gives_the_zeros_back_and_refuses_what_is_longer() -> None:
    feed = make_feed("wide", id_digits=10)
    assert ingest(record(external_id="0012345678"), feed=feed).new == 1
    assert ingest(record(external_id=12345678), record(external_id="12345678"), feed=feed).duplicate == 2
    counts = ingest(record(external_id="12345678901"), record(external_id="12E4"), feed=feed)
    assert counts.refused == 2
    assert {line.reason for line in RefusedLine.objects.all()} == {"not_of_width"}
    assert Record.objects.get().external_id == "0012345678"
