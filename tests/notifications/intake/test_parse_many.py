"""Lines that are parsed together become what each becomes alone: the same rows, and refusals in the same words."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pytest

from notifications.intake import ingest
from notifications.intake.ingest import check_page
from notifications.intake.parsing.parse import Row
from notifications.intake.parsing.parse_many import Options
from notifications.intake.parsing.schema import Schema, live_schemas
from notifications.models import Feed, FeedRun, Record
from notifications.sources.contract import Line
from secretary.kernel.secrets.encryption import cipher
from subscriptions.models import DataType
from subscriptions.specs import FieldSpec, Words
from tests.notifications.cast import MORNING, ci_of, make_data_type, make_feed
from tests.support.present import present

pytestmark = pytest.mark.django_db

TYPES: dict[str, dict[str, Any]] = {
    "amount": {"type": "won", "announce_changes": True},
    "points": {"type": "int", "required": False},
    "place": {"type": "text", "announce_changes": True, "max_length": 30},
    "plate": {"type": "text", "required": False, "required_for": ("towed", "paid")},
    "lane": {"type": "choice", "choices": (("left", Words("왼쪽", "left")), ("right", Words("오른쪽", "right")))},
    "due_on": {"type": "date", "date_slot": 1, "deadline": True, "announce_changes": True},
    "reduction_ends_on": {"type": "date", "date_slot": 2, "required": False},
    "seen_at": {"type": "datetime", "date_slot": 2, "required": False},
    "reduced_amount": {"type": "won", "required": False},
    "part_paid_amount": {"type": "won", "required": False},
}
PERSON = {"name": "홍길동", "birth_date": "1944-02-03", "phone": "010-0000-0001"}
ODD: tuple[Any, ...] = (
    *(None, "", " ", "\u200b", 0, 1, -1, True, False, 7.5, 20_000, 40_000, 10**11, 10**18, 1_000_001, 12345678.0),
    *("40,000", " 40000 ", "0", "12345678.0", "１２", "opened", "towed", "paid", "objected", "UPPER", "left", "none"),
    *("2026-02-30", "2026-4-2", " 2026-05-02 ", "1800-01-01", "2026-04-02T10:00", "2026-04-02T10:00:00Z", "20260402"),
    *("서울 중구 (세종대로)", "St.Mary 병원", "www.example.com 에서", "가" * 31, "x" * 99, "a\nb", "A-1\nB-2", "=cmd"),
    *(
        "900101-1234567",
        "9001011234567",
        "a 900101 1234567",
        "1,2,3,4,5,6,7,8,9,0,1,2,3,4",
        "<b>굵게</b>",
        "\u1100\u1161\u11a8",
    ),
    *("12가3456", "F-1", "F 1", "traffic_fine", "no_such_kind", {}, {"a": 1}, ci_of(1), ci_of(1)[:-1], "홍\u200b길동"),
    *("NGUYEN Thi-Hoa", "011-000-0000", "02-000-0000", "010-0000-0001", "1944-02-30", "1944-02-03"),
)
HEADS = ("external_id", "data_type", "version", "state", "event", "subject", "fields")
OF_A_PERSON = ("ci", "name", "birth_date", "phone")


@pytest.fixture
def feed() -> Feed:
    kind = make_data_type()
    fields = [FieldSpec(name, placeholder=name, label=Words(name, name), **each) for name, each in TYPES.items()]
    version = present(kind.live_version)
    version.fields = [spec.to_json() for spec in fields]
    version.save()
    DataType.objects.filter(pk=kind.pk).update(payable="traffic_fine")
    return make_feed()


def record(number: int, **fields: Any) -> dict[str, Any]:
    usual = {
        "due_on": "2026-05-02",
        "place": "중구 세종대로 110",
        "amount": 40_000,
        "lane": "left",
        "points": number,
        "seen_at": f"2026-04-0{1 + number % 9}T09:30:00+09:00",
        "reduction_ends_on": "2026-04-20",
    }
    heads = {"external_id": f"F-{number}", "data_type": "traffic_fine", "version": 1, "subject": {"ci": ci_of(number)}}
    return {**heads, "fields": usual | fields}


def flat(number: int, **fields: Any) -> dict[str, Any]:
    """As a CSV file brings it: every value is text, and the columns of empty cells are there."""
    of_the_line = record(number, **fields)
    values = {**dict.fromkeys(TYPES, ""), **of_the_line.pop("fields"), **dict.fromkeys(OF_A_PERSON, "")}
    values |= of_the_line.pop("subject") if number % 2 else PERSON
    return {name: value if isinstance(value, dict) else str(value) for name, value in (of_the_line | values).items()}


def shown(feed: Feed, lines: Sequence[Line], schemas: Mapping[str, Schema] | None = None) -> list[Any]:
    """What a page comes to; a payload as it reads when it is opened."""
    run, schemas = FeedRun(feed=feed, started_at=MORNING), schemas or live_schemas()
    counts, newest = check_page(run=run, lines=lines, schemas=schemas, serials=(), now=MORNING, place="a.csv")
    refusals = [(one.line, one.external_id, one.reason, one.detail, one.value) for one in counts.refusals]
    rows = []
    for line, row in newest.values():
        bound_to = Record.payload_bound_to(feed.agency.code, row.external_id)
        opened = cipher().decrypt(row.payload_encrypted, bound_to=bound_to)
        rows.append((line, row._replace(payload_encrypted=opened), type(row.version), list(orjson.loads(opened))))
    return [counts.as_dict(), counts.same_version, refusals, rows]


def odd_pages() -> list[list[dict[str, Any]]]:
    """Pages of four good records and one with one odd value, for each value at each place."""
    pages: list[list[dict[str, Any]]] = []
    for make in (record, flat):
        for odd in ODD:
            pages += [[*map(make, range(4)), make(7, **{place: odd})] for place in TYPES]
            pages += [[*map(make, range(4)), {**make(7), place: odd}] for place in HEADS]
            for place in OF_A_PERSON:
                last = make(7)
                person: dict[str, Any] = last if make is flat else {**PERSON, **last["subject"]}
                person[place] = odd
                pages.append([*map(make, range(4)), last if make is flat else {**last, "subject": person}])
    return pages


def none_together(datas: Sequence[Any], _options: Options) -> list[Row | None]:
    return [None] * len(datas)


def test_what_is_odd_at_one_place_comes_to_the_same_as_alone(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Feed.objects.select_related("agency").get(pk=feed.pk)
    pages = [[Line(number, data) for number, data in enumerate(page, 1)] for page in odd_pages()]
    many = [line for page in pages[::9] for line in page]
    pages.append([line._replace(number=at) for at, line in enumerate(many, 1)])
    schemas = live_schemas()
    together = [shown(feed, page, schemas) for page in pages]
    monkeypatch.setattr(ingest, "parse_many", none_together)
    alone = [shown(feed, page, schemas) for page in pages]
    differing = [(page[-1].data, one, two) for page, one, two in zip(pages, together, alone, strict=True) if one != two]
    assert not differing, differing[:3]


def test_good_lines_are_not_parsed_alone(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor those beside a bad one: it alone is, for the reason."""
    alone: list[Mapping[str, Any]] = []
    parse_record = ingest.parse_record  # type: ignore[attr-defined]

    def noted(data: Mapping[str, Any], **options: Any) -> Any:
        alone.append(data)
        return parse_record(data, **options)

    monkeypatch.setattr(ingest, "parse_record", noted)
    bad = record(7, due_on="2026-02-30")
    for page in ([*map(record, range(4)), bad], list(map(flat, range(12)))):
        shown(feed, [Line(number, data) for number, data in enumerate(page, 1)])
    assert alone == [bad]


def test_a_feed_whose_numbers_have_a_width_and_no_versions_comes_to_the_same(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    Feed.objects.filter(pk=feed.pk).update(id_digits=8, versions=Feed.NO_VERSIONS)
    feed = Feed.objects.select_related("agency").get(pk=feed.pk)
    numbers = (7, "12", "00000012", "123456789", 12.0, "34.0", "F-1", 9001011, True, None)
    lines = [Line(at, {**record(at), "external_id": number}) for at, number in enumerate(numbers, 1)]
    together = shown(feed, lines)
    monkeypatch.setattr(ingest, "parse_many", none_together)
    assert together == shown(feed, lines)
    assert together[0]["duplicate"] == 2 and together[0]["refused"] == 4


def test_lines_without_any_field_are_records_where_none_is_required(feed: Feed) -> None:
    kind = DataType.objects.get(code="traffic_fine")
    version = present(kind.live_version)
    plate = FieldSpec("plate", type="text", placeholder="plate", label=Words("번호", "plate"), required=False)
    version.fields = [plate.to_json()]
    version.save()
    DataType.objects.filter(pk=kind.pk).update(payable="")
    feed = Feed.objects.select_related("agency").get(pk=feed.pk)
    lines = [Line(number, {**record(number), "state": "withdrawn", "fields": {}}) for number in range(1, 7)]
    counts, _, refusals, rows = shown(feed, lines)
    assert (counts["read"], refusals, len(rows)) == (6, [], 6)
    assert {row.payload_encrypted for _, row, *_ in rows} == {b"{}"}
