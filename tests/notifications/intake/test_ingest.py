from datetime import timedelta
from typing import Any

import pytest

from notifications.intake.ingest import BatchRefused
from notifications.models import IngestBatch, Record, RefusedLine
from subscriptions.models import DataTypeVersion
from tests.notifications.cast import MORNING, ingest, make_data_type, make_feed, record
from tests.support.present import present

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def world() -> None:
    make_data_type()


def test_a_new_record_keeps_its_fields_encrypted_and_its_dates_clear() -> None:
    assert ingest(record(fields={"plate": "12가3456"})).as_dict() == {
        "read": 1, "new": 1, "changed": 0, "duplicate": 0, "refused": 0,
    }  # fmt: skip
    row = Record.objects.get()
    assert row.payload == {"violation": "신호위반", "plate": "12가3456", "amount": 40000, "due_on": "2026-04-02"}
    assert "신호위반".encode() not in bytes(row.payload_encrypted)
    assert str(row.date_1) == "2026-04-02" and row.date_2 is None


def test_a_replayed_batch_changes_nothing() -> None:
    batch = [record(external_id=f"A-{n}") for n in range(20)]
    ingest(*batch)
    before = list(Record.objects.order_by("pk").values())
    counts = ingest(*reversed(batch), now=MORNING + timedelta(hours=1))
    assert (counts.new, counts.changed, counts.duplicate) == (0, 0, 20)
    assert list(Record.objects.order_by("pk").values()) == before
    assert IngestBatch.objects.count() == 1


def test_an_older_version_never_overwrites_a_newer_one() -> None:
    ingest(record(external_id="A", version=3, fields={"amount": 30000}))
    counts = ingest(record(external_id="A", version=2, fields={"amount": 20000}))
    assert counts.duplicate == 1
    assert Record.objects.get().payload["amount"] == 30000


def test_a_correction_of_what_was_announced_is_remembered_and_another_one_is_not() -> None:
    ingest(record(external_id="A"))
    ingest(record(external_id="A", version=2, fields={"violation": "속도위반"}))
    assert Record.objects.get().changed_version == 0
    ingest(record(external_id="A", version=3, fields={"amount": 70000}))
    ingest(record(external_id="A", version=4, fields={"amount": 70000, "violation": "속도위반"}))
    assert Record.objects.get().changed_version == 3


def test_two_versions_in_one_batch_leave_the_newer() -> None:
    counts = ingest(record(external_id="A", version=2, state="paid"), record(external_id="A", version=1))
    assert (counts.new, counts.duplicate) == (1, 1)
    assert Record.objects.get().state == "paid"


def senior(**changes: str) -> dict[str, str]:
    """A person without a CI, as a feed names them."""
    return {"name": "홍길동", "birth_date": "1944-02-03", "phone": "010-0000-0001"} | changes


@pytest.mark.parametrize(
    ("broken", "reason", "where"),
    [
        ({"external_id": ""}, "bad_external_id", "external_id"),
        ({"external_id": "a\tb"}, "bad_external_id", "external_id"),
        ({"external_id": "x" * 65}, "bad_external_id", "external_id"),
        ({"external_id": 7.5}, "bad_external_id", "external_id"),
        ({"external_id": "900101-1234567"}, "resident_number", "external_id"),
        ({"external_id": 9001011234567}, "resident_number", "external_id"),
        ({"data_type": "vaccination"}, "unknown_data_type", "data_type"),
        ({"data_type": ["traffic_fine"]}, "unknown_data_type", "data_type"),
        ({"version": 0}, "out_of_range", "version"),
        ({"version": True}, "not_a_number", "version"),
        ({"state": "deleted"}, "unknown_state", "state"),
        ({"state": {}}, "unknown_state", "state"),
        ({"event": "Bad Event"}, "bad_event", "event"),
        ({"subject": {}}, "no_subject", "subject"),
        ({"subject": {"ci": "short"}}, "bad_ci", "ci"),
        ({"subject": {"name": " ", "birth_date": "1960-01-02", "phone": "010-0000-0001"}}, "missing", "name"),
        ({"subject": senior(birth_date="1960-02-31")}, "no_such_day", "birth_date"),
        ({"subject": senior(birth_date="1848-01-02")}, "out_of_range", "birth_date"),
        ({"subject": senior(birth_date="2026-03-11")}, "out_of_range", "birth_date"),
        ({"subject": senior(birth_date="1944-04-31")}, "no_such_day", "birth_date"),
        ({"subject": senior(name="···")}, "missing", "name"),
        ({"subject": senior(name="가" * 81)}, "too_long", "name"),
        ({"subject": senior(name="홍길동 850314 1234567")}, "resident_number", "name"),
        ({"subject": {"name": "홍길동", "birth_date": "1960-01-02", "phone": "02-123-4567"}}, "bad_phone", "phone"),
        ({"fields": {"amount": -1}}, "out_of_range", "amount"),
        ({"fields": {"amount": 10**15}}, "out_of_range", "amount"),
        ({"fields": {"amount": 1.5}}, "not_a_number", "amount"),
        ({"fields": {"amount": None}}, "missing", "amount"),
        ({"fields": {"due_on": "2026-02-30"}}, "no_such_day", "due_on"),
        ({"fields": {"due_on": "9999-01-01"}}, "out_of_range", "due_on"),
        ({"fields": {"due_on": "02/04/2026"}}, "not_a_date", "due_on"),
        ({"fields": {"violation": "가" * 41}}, "too_long", "violation"),
        ({"fields": {"violation": ["가"]}}, "not_text", "violation"),
        ({"fields": {"violation": " \u200b"}}, "missing", "violation"),
        ({"fields": {"violation": "900101-1234567"}}, "resident_number", "violation"),
        ({"fields": {"hearing_at": "soon"}}, "not_a_time", "hearing_at"),
        ({"fields": {"hearing_at": "2026-04-02"}}, "not_a_time", "hearing_at"),  # never told as an hour of the night
        ({"fields": {"hearing_at": "2026-04-02109:00"}}, "not_a_time", "hearing_at"),  # a digit where the T belongs
        ({"fields": {"hearing_at": "20260402100000"}}, "not_a_time", "hearing_at"),  # pydantic: in the year 2612
    ],
)  # fmt: skip
def test_a_bad_line_is_named_and_the_others_go_in(broken: dict[str, Any], reason: str, where: str) -> None:
    good, bad = record(), record(**broken)
    counts = ingest(good, bad)
    assert (counts.new, counts.refused) == (1, 1)
    line = RefusedLine.objects.get()
    assert (line.line, line.reason, line.detail) == (2, reason, where)


@pytest.mark.parametrize("all_or_nothing", [False, True])
def test_a_link_in_a_value_costs_no_person_the_notice_and_the_line_is_named(all_or_nothing: Any) -> None:
    feed = make_feed("links", all_or_nothing=all_or_nothing)
    counts = ingest(record(fields={"violation": "납부: fine-pay.example.com"}), feed=feed)
    assert (counts.new, counts.refused) == (1, 0)
    assert Record.objects.get().payload["violation"] == "납부: (…)"
    line = RefusedLine.objects.get()
    assert (line.line, line.reason, line.detail) == (1, "link_removed", "violation")


def test_an_all_or_nothing_feed_takes_nothing_when_a_line_is_bad() -> None:
    feed = make_feed("strict", all_or_nothing=True)
    with pytest.raises(BatchRefused):
        ingest(record(), record(version=0), feed=feed)
    assert not Record.objects.exists()


def test_decomposed_hangul_and_hidden_characters_become_the_plain_text() -> None:
    ingest(record(fields={"violation": "\u1109\u1175\u11ab\u1112\u1169\u200b\u202e위반\0"}))
    assert Record.objects.get().payload["violation"] == "신호위반"


def test_a_person_without_a_ci_is_known_by_name_birth_date_and_phone_however_it_is_written() -> None:
    ingest(record(subject={"name": "홍 길동", "birth_date": "1960-01-02", "phone": "+82 10-0000-0001"}))
    ingest(record(subject={"name": "홍길동", "birth_date": "1960-01-02", "phone": "０１０-0000-0001"}))
    first, second = Record.objects.values_list("person_hash", flat=True)
    assert bytes(present(first)) == bytes(present(second))


def test_a_batch_of_a_thousand_takes_a_fixed_number_of_statements(django_assert_num_queries: Any) -> None:
    make_feed()
    batch = [record() for _ in range(1000)]
    with django_assert_num_queries(12):
        ingest(*batch)
    assert Record.objects.count() == 1000


@pytest.mark.parametrize("number", ["900101-1234567", "홍길동 010-0000-0001", "a\tb"])
def test_what_is_no_agency_number_is_not_kept_with_the_refusal(number: str) -> None:
    ingest(record(external_id=number))
    assert RefusedLine.objects.get().external_id == ""


def test_another_number_of_thirteen_digits_is_no_resident_number() -> None:
    assert ingest(record(external_id="2026031234567")).new == 1


def test_the_number_of_a_refused_record_is_kept() -> None:
    ingest(record(external_id="F/2026-1", version=0))
    assert RefusedLine.objects.get().external_id == "F/2026-1"


def test_a_number_that_another_data_type_uses_is_refused_and_overwrites_nothing() -> None:
    make_data_type("traffic_penalty")
    ingest(record(external_id="7"))
    counts = ingest(record(), record(external_id="7", data_type="traffic_penalty", version=2))
    assert (counts.new, counts.changed, counts.duplicate, counts.refused) == (1, 0, 0, 1)
    line = RefusedLine.objects.get()
    assert (line.line, line.external_id, line.reason) == (2, "7", "other_data_type")
    assert Record.objects.get(external_id="7").data_type.code == "traffic_fine"


def test_all_or_nothing_holds_for_a_number_that_another_data_type_uses() -> None:
    make_data_type("traffic_penalty")
    feed = make_feed("strict", all_or_nothing=True)
    ingest(record(external_id="7"))
    with pytest.raises(BatchRefused) as refused:
        ingest(record(), record(external_id="7", data_type="traffic_penalty"), feed=feed)
    assert (refused.value.counts.new, refused.value.counts.refused) == (0, 1)
    assert Record.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "refused"),
    [({}, 0), ({"event": "summoned"}, 1), ({"state": "completed"}, 1), ({"event": "summoned", "state": "paid"}, 1)],
)
def test_an_event_or_a_state_can_require_a_field_that_is_optional_otherwise(values: Any, refused: int) -> None:
    version = DataTypeVersion.objects.get()
    fields = [dict(item) for item in version.fields]
    next(item for item in fields if item["name"] == "hearing_at")["required_for"] = ["summoned", "completed"]
    DataTypeVersion.objects.filter(pk=version.pk).update(fields=fields)
    assert ingest(record(**values)).refused == refused
    assert [(line.reason, line.detail) for line in RefusedLine.objects.all()] == [("missing", "hearing_at")] * refused
    there = {"fields": {"hearing_at": "2026-04-01T10:00:00+09:00"}}
    assert ingest(record(**values, **there)).new == 1  # type: ignore[arg-type]
