"""The intake checks what a record states of its debt: contradictions are named, what is paid is an end."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import Client
from hypothesis import event, given, settings
from hypothesis import strategies as st

from notifications.delivery.claim import claim
from notifications.intake.read_feed import read_feed
from notifications.matching.match import match_everything
from notifications.models import AgencyKey, Notice, Record, RefusedLine
from payments.tariffs.ladder import quote
from payments.web.bill_view import view_bills
from secretary.kernel.http.standard_webhooks import new_secret
from subscriptions.models import Citizen, DataType
from tests.notifications.cast import MORNING, ci_of, enrol, ingest, make_feed
from tests.notifications.intake.test_push import push

pytestmark = [pytest.mark.usefixtures("catalogue"), pytest.mark.django_db]
CASE = {"violation": "제한속도 위반", "violated_at": "2026-01-02T14:05:00+09:00", "place": "세종대로 사거리"}
FIELDS: dict[str, dict[str, Any]] = {
    "traffic_fine": {
        **CASE,
        "vehicle": "00가0000",
        "amount": 40000,
        "reduced_amount": 32000,
        "reduction_ends_on": "2026-03-23",
        "due_on": "2026-05-29",
    },
    "traffic_penalty": {
        **CASE,
        "amount": 60000,
        "second_amount": 72000,
        "first_due_on": "2026-03-20",
        "second_due_on": "2026-04-09",
    },
}
CONTRADICTIONS = [
    ("traffic_fine", {"reduced_amount": 40001}, "reduced_amount"),
    ("traffic_fine", {"reduced_amount": 48000, "due_on": None}, "reduced_amount"),
    ("traffic_fine", {"reduced_amount": 50000, "reduction_ends_on": None}, "reduced_amount"),
    ("traffic_fine", {"reduction_ends_on": None}, "reduction_ends_on"),
    ("traffic_fine", {"reduction_ends_on": None, "due_on": None}, "reduction_ends_on"),
    ("traffic_fine", {"reduction_ends_on": "2026-05-30"}, "reduction_ends_on"),
    ("traffic_fine", {"reduction_ends_on": "2026-05-30", "reduced_amount": None}, "reduction_ends_on"),
    ("traffic_fine", {"social_reduction_percent": 51}, "social_reduction_percent"),
    ("traffic_fine", {"social_reduction_percent": -1}, "social_reduction_percent"),
    ("traffic_fine", {"social_reduction_percent": 150, "paid_amount": 1}, "social_reduction_percent"),
    ("traffic_fine", {"social_reduction_percent": 100, "part_paid_amount": 1}, "social_reduction_percent"),
    ("traffic_penalty", {"second_amount": 59999}, "second_amount"),
    ("traffic_penalty", {"second_due_on": "2026-03-20"}, "second_due_on"),
    ("traffic_penalty", {"second_due_on": "2026-03-19"}, "second_due_on"),
    ("traffic_penalty", {"first_due_on": "2026-08-15", "second_due_on": "2026-08-17"}, "second_due_on"),  # one day
]
FITTING = [
    ("traffic_fine", {"reduced_amount": 40000}),
    ("traffic_fine", {"reduced_amount": 40000, "reduction_ends_on": None}),
    ("traffic_fine", {"reduced_amount": 0}),
    ("traffic_fine", {"reduced_amount": 0, "reduction_ends_on": None}),
    ("traffic_fine", {"reduced_amount": None}),
    ("traffic_fine", {"reduced_amount": None, "reduction_ends_on": None}),
    ("traffic_fine", {"reduction_ends_on": "2026-05-29"}),
    ("traffic_fine", {"social_reduction_percent": 50, "reduced_amount": 16000}),
    ("traffic_penalty", {"second_amount": 60000}),
    ("traffic_penalty", {"second_amount": 0}),
]


def line(kind: str, *, version: int = 1, state: str = "open", **other: Any) -> dict[str, Any]:
    """A record about person 1; a field of None is left out."""
    fields = {name: value for name, value in {**FIELDS[kind], **other}.items() if value is not None}
    about = {"external_id": "A", "data_type": kind, "subject": {"ci": ci_of(1)}}
    return {**about, "version": version, "state": state, "fields": fields}


@pytest.mark.parametrize(("kind", "other", "field"), CONTRADICTIONS)
@pytest.mark.parametrize("state", ["open", "objected"])
def test_what_contradicts_itself_is_refused_with_its_field_and_remedy(
    kind: str, other: dict[str, Any], field: str, state: str
) -> None:
    counts = ingest(line(kind, state=state, **other))
    assert (counts.read, counts.refused, Record.objects.count()) == (1, 1, 0)
    refused = RefusedLine.objects.get()
    assert (refused.reason, refused.detail.partition(":")[0]) == ("contradiction", field)
    assert len(refused.detail) > len(field) + 5


@pytest.mark.parametrize(("kind", "other"), FITTING)
def test_what_only_looks_odd_is_accepted_and_can_be_quoted(kind: str, other: dict[str, Any]) -> None:
    assert ingest(line(kind, **other)).new == 1
    assert quote(kind, Record.objects.get().payload, on=date(2026, 3, 10)).amount > 0


@pytest.mark.parametrize("amount", [-1, "-1", "-32000"])
@pytest.mark.parametrize("name", ["reduced_amount", "amount", "part_paid_amount", "paid_amount"])
def test_no_amount_is_below_zero(name: str, amount: Any) -> None:
    ingest(line("traffic_fine", **{name: amount}))
    assert (RefusedLine.objects.get().reason, RefusedLine.objects.get().detail) == ("out_of_range", name)


@pytest.mark.parametrize(("kind", "other", "field"), CONTRADICTIONS[::4])
@pytest.mark.parametrize("state", ["paid", "withdrawn", "completed"])
def test_what_is_owed_no_more_ends_whatever_else_it_says(
    kind: str, other: dict[str, Any], field: str, state: str
) -> None:
    ingest(line(kind))
    assert ingest(line(kind, version=2, state=state, **other)).changed == 1
    assert Record.objects.get().state == state
    assert ingest(line(kind, version=3, **{**other, "amount": 0})).changed == 1
    assert Record.objects.get().state == "withdrawn"


def test_an_agency_reads_it_in_the_answer_to_its_push(client: Client) -> None:
    key = AgencyKey(feed=make_feed(), key_id="knpa-1")
    key.secret = new_secret()
    key.save()
    answer = push(client, key, {"records": [line("traffic_fine", reduced_amount=48000)]}).json()
    [refused] = answer["refused_lines"]
    assert (answer["new"], refused["line"], refused["reason"]) == (0, 1, "contradiction")
    assert refused["detail"].startswith("reduced_amount: not above amount")
    key.feed.all_or_nothing = True
    key.feed.save()
    body = {"records": [line("traffic_fine", reduction_ends_on="2026-06-30")]}
    answer = push(client, key, body, message_id="m-2")
    assert answer.status_code == 422 and "reduction_ends_on" in answer.content.decode()


def test_a_file_names_its_line(settings: Any, tmp_path: Path) -> None:
    settings.FILE_DROP_ROOT = tmp_path
    feed = make_feed("file", settings={"folder": "f"})
    feed.kind = "file_drop"
    feed.save()
    (tmp_path / "f").mkdir()
    good, bad = line("traffic_penalty"), {**line("traffic_penalty", second_amount=1), "external_id": "B"}
    (tmp_path / "f" / "1.jsonl").write_bytes(b"".join(orjson.dumps(each) + b"\n" for each in (good, bad)))
    run = read_feed(feed_id=feed.pk, now=MORNING)
    assert (run.new, run.refused) == (1, 1)
    refused = RefusedLine.objects.get()
    assert (refused.line, refused.external_id, refused.detail.partition(":")[0]) == (2, "B", "second_amount")


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31)).map(str)
WON = st.sampled_from([None, 0, 1, 10000, 32000, 40000, 41200, 60000])
ANY_FINE = st.fixed_dictionaries(
    {
        "amount": st.sampled_from([1, 40000, 60000]),
        "reduced_amount": WON,
        "reduction_ends_on": st.none() | DAYS,
        "due_on": st.none() | DAYS,
        "social_reduction_percent": st.sampled_from([None, 0, 20, 50, 51]),
        "part_paid_amount": WON,
        "part_paid_on": st.none() | DAYS,
        "paid_amount": WON,
    }
)
ANY_PENALTY = st.fixed_dictionaries(
    {"amount": st.sampled_from([1, 60000]), "second_amount": WON, "first_due_on": DAYS, "second_due_on": DAYS}
)


def _quoted(kind: str, other: dict[str, Any]) -> int:
    """Return on how many days it was quoted: none where it is refused at intake or not open."""
    Record.objects.all().delete()
    ingest(line(kind, **other))
    row = Record.objects.first()
    event(f"{kind}: {row.state if row else 'refused'}")  # shown by --hypothesis-show-statistics
    if row is None or row.state != "open":
        return 0
    days = (date(2026, 1, 1), date(2026, 7, 1), date(2027, 7, 1))
    assert all(quote(kind, row.payload, on=on).amount >= 0 for on in days)
    return len(days)


@pytest.mark.parametrize(("kind", "fields"), [("traffic_fine", ANY_FINE), ("traffic_penalty", ANY_PENALTY)])
def test_anything_that_is_accepted_and_open_can_be_quoted(kind: str, fields: Any) -> None:
    quoted: list[int] = []

    @settings(max_examples=60, deadline=None)
    @given(other=fields)
    def every_one(other: dict[str, Any]) -> None:
        quoted.append(_quoted(kind, other))

    every_one()
    assert any(quoted), "none of them was accepted and open: nothing was shown"


PAID = [
    ("traffic_fine", {"part_paid_amount": 40000}),
    ("traffic_fine", {"part_paid_amount": 40001}),
    ("traffic_fine", {"paid_amount": 40000}),
    ("traffic_fine", {"paid_amount": 50000}),
    ("traffic_fine", {"part_paid_amount": 40000, "part_paid_on": "2026-05-29"}),
    ("traffic_fine", {"part_paid_amount": 41200, "part_paid_on": "2026-06-01"}),  # with the surcharge of that day
    ("traffic_fine", {"part_paid_amount": 20000, "social_reduction_percent": 50, "reduced_amount": None}),
    ("traffic_fine", {"part_paid_amount": 32000, "part_paid_on": "2026-03-23"}),  # the reduced amount in its time: §18②
    ("traffic_penalty", {"paid_amount": 60000}),
    ("traffic_penalty", {"paid_amount": 72000}),
]
UNPAID = [
    ({"part_paid_amount": 39999}, 1),
    ({"part_paid_amount": 32000}, 8240),  # of an unknown day: the rest, and its surcharge in June
    ({"part_paid_amount": 32000, "part_paid_on": "2026-03-24"}, 8240),  # a day too late
    ({"part_paid_amount": 31999, "part_paid_on": "2026-03-23"}, 8240),
    ({"part_paid_amount": 40000, "part_paid_on": "2026-06-01", "due_on": "2026-05-29"}, 1200),  # the surcharge is left
    ({"part_paid_amount": 40500, "part_paid_on": "2026-06-01", "due_on": "2026-05-29"}, 700),
]


@pytest.fixture
def alice() -> Citizen:
    return enrol(1, *DataType.objects.filter(payable__gt=""))


def reported() -> list[str]:
    reported = Notice.objects.order_by("pk").values_list("stage__code", "state", "reason")
    return [code for code, state, _ in reported if state in ("sending", "delivered")]


@pytest.mark.parametrize(("kind", "other"), PAID)
@pytest.mark.parametrize("state", ["open", "objected"])
def test_what_is_paid_in_full_is_an_end_whatever_the_agency_calls_it(
    alice: Citizen, kind: str, other: dict[str, Any], state: str
) -> None:
    ingest(line(kind))
    match_everything(now=MORNING)
    claim(now=MORNING)
    [before] = view_bills(citizen=alice, language="ko", now=MORNING)
    assert before.payable
    ingest(line(kind, version=2, state=state, **other))
    for days in range(0, 120, 3):
        now = MORNING + timedelta(days=days)
        match_everything(now=now)
        claim(now=now)
    assert reported() == ["issued", "paid"]
    [after] = view_bills(citizen=alice, language="ko", now=MORNING)
    assert (after.state, after.reason, after.payable, after.clock) == ("closed", "paid_elsewhere", False, None)


@pytest.mark.parametrize(("kind", "other"), PAID[:3])
def test_a_citizen_without_a_notice_of_it_is_not_notified(alice: Citizen, kind: str, other: dict[str, Any]) -> None:
    ingest(line(kind, **other))
    match_everything(now=MORNING)
    claim(now=MORNING)
    assert reported() == [] and view_bills(citizen=alice, language="ko", now=MORNING) == []


@pytest.mark.parametrize("part", ["part_paid_amount", "paid_amount"])
def test_a_payment_that_bounces_is_owed_again(alice: Citizen, part: str) -> None:
    for version, paid in enumerate([0, 40000, 0], 1):
        other: dict[str, Any] = {part: paid}
        ingest(line("traffic_fine", version=version, **other))
        match_everything(now=MORNING)
        claim(now=MORNING)
    assert reported() == ["issued", "paid", "reopened"]
    [bill] = view_bills(citizen=alice, language="ko", now=MORNING)
    assert bill.payable


@pytest.mark.parametrize(("other", "left"), UNPAID)
def test_what_a_payment_leaves_is_still_owed(alice: Citizen, other: dict[str, Any], left: int) -> None:
    ingest(line("traffic_fine", **other))
    assert Record.objects.get().state == "open"
    assert quote("traffic_fine", Record.objects.get().payload, on=date(2026, 6, 2)).amount in (left, left // 10 * 10)
