"""Each sentence of every notice about money or a date agrees with the quote of its hour, wherever a deadline falls.

The records go through the product's own intake, match, claim and texts (payments/preview.py). Amounts and dates are
read out of the texts again, in both languages, on all channels.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from payments.preview import Occasion, Statement, preview
from payments.tariffs.contract import Quote
from payments.tariffs.ladder import quote
from secretary.kernel.time.clock import kst_instant
from secretary.kernel.time.working_days import is_working_day, moved

pytestmark = [pytest.mark.usefixtures("catalogue"), pytest.mark.django_db]
DAY = timedelta(days=1)
WON = re.compile(r"([\d,]+) ?(?:원|won)")
DAYS_LEFT = re.compile(r"(?:Days left: |기한까지 )(\d+)")
KO = re.compile(r"(?P<y>\d{4})\. (?P<m>\d+)\. (?P<d>\d+)\.\((?:.)(?:, 고지서에는 (?P<om>\d+)\. (?P<od>\d+)\.)?\)")
EN = re.compile(r"\w{3}, (?P<d>\d+) (?P<m>\w+) (?P<y>\d{4})(?: \(bill: (?P<od>\d+) (?P<om>\w{3})\))?")
UNTIL_AND_THEN = re.compile(r"(?:까지, 그 뒤 |, then |기한: |amount: )")
IN_THE_LAW = {300_000}  # from which on plates are taken (질서위반행위규제법 §55)
ADVANCE = re.compile("사전통지|advance notice")
ADDED = re.compile("가산금이 붙(?:었|은)|surcharge has been added")
RAISED = re.compile("차 (?:납부)?기한이 (?:지나 |지났)|deadline.* has passed")
TO_TRIAL = re.compile("2차 (?:납부)?기한(?:\\(.*\\))?이 지나 즉결|(?:second deadline|The second).* has passed")
MONTHS = [date(2026, month, 1).strftime("%B") for month in range(1, 13)]
FINE = {"violation": "제한속도 위반", "violated_at": "2026-01-02T14:05:00+09:00", "place": "세종대로 사거리"}
# Saturdays, Labour Day, Constitution Day, Chuseok and Seollal, with the days around which one is made up.
QUICK = ("2026-05-01", "2026-07-17", "2026-08-15", "2026-09-25", "2028-01-27")


def a_fine(ends: date, due: date | None, **more: Any) -> dict[str, Any]:
    found = {**FINE, "vehicle": "00가0000", "amount": 40000, "reduced_amount": 32000, "reduction_ends_on": str(ends)}
    return {**found, **({"due_on": str(due)} if due else {}), **more}


def a_penalty(first: date, second: date) -> dict[str, Any]:
    amounts = {"amount": 60000, "second_amount": 72000}
    return {**FINE, **amounts, "first_due_on": str(first), "second_due_on": str(second)}


def statements(data_type: str, fields: dict[str, Any], arrives: date, days: int, **more: Any) -> list[Statement]:
    at = kst_instant(arrives) + timedelta(hours=10)
    occasion = Occasion(data_type=data_type, fields=fields, arrives=at, until=arrives + days * DAY, **more)
    return preview(occasion)


def assert_true(messages: list[Statement], data_type: str, fields: dict[str, Any], *, objected: bool = False) -> None:
    assert {(each.channel, each.language) for each in messages} == {
        (channel, language) for channel in ("sms", "kakaotalk", "naver", "toss") for language in ("ko", "en")
    }
    quotes = {on: quote(data_type, fields, on=on, objected=objected) for on in {each.on for each in messages}}
    for each in messages:
        found = quotes[each.on]
        assert each.amount == found.amount, each
        _assert_amounts(each, found)
        _assert_dates(each, found, fields)
        _assert_days_left(each, fields)
        _assert_step(each, found, fields)


def _assert_amounts(each: Statement, found: Quote) -> None:
    """Each text states what it costs now, and nothing but what it will cost."""
    reported = {int(written.replace(",", "")) for written in WON.findall(each.text)} - IN_THE_LAW
    later = {change.amount for change in (found.next_change, found.after_next) if change}
    assert found.amount in reported, each
    assert reported <= {found.amount} | later, each
    assert ("이의를 제기하실 수 없습니다" in each.text) == (found.ends_procedure and each.language == "ko"), each
    assert ("150%" in each.text) <= (found.amount * 100 == 60000 * 150 or each.stage == "second_due_soon"), each


def _assert_dates(each: Statement, found: Quote, fields: dict[str, Any]) -> None:
    own = {moved(day): day for day in _deadlines(fields)}
    last = {change.on - DAY for change in (found.next_change, found.after_next) if change}
    violated = datetime.fromisoformat(fields["violated_at"]).date()
    for line in each.text.splitlines():
        for day, agencys in _dates(line, each.language):
            assert day in {violated, *own, *last}, each
            assert agencys in (None if own.get(day, day) == day else (own[day].month, own[day].day), None), each
            assert day == violated or own.get(day, day) == day or agencys, each
        if UNTIL_AND_THEN.search(line) and any(word in line for word in ("이 금액", "그 뒤", "this amount", ", then")):
            days = [day for day, _ in _dates(line, each.language)]
            assert found.next_change and (not days or days == [found.next_change.on - DAY]), each


def _assert_days_left(each: Statement, fields: dict[str, Any]) -> None:
    anchor = {"reduction_ends": "reduction_ends_on", "due_soon": "due_on", "first_due_soon": "first_due_on"}
    anchor |= {"second_due_soon": "second_due_on"}
    for count in map(int, DAYS_LEFT.findall(each.text)):
        assert count == (moved(date.fromisoformat(fields[anchor[each.stage]])) - each.on).days > 0, each
    assert not re.search(r"(?<!\w)D-0|(?<!\d)0일|left: 0|(?<![\d,])0원|(?<![\d,])0 won", each.text), each


def _assert_step(each: Statement, found: Quote, fields: dict[str, Any]) -> None:
    """How far the procedure has come is stated as it is at that hour: advance notice, surcharge, summary trial."""
    words, ends = f"{each.title} {each.text}", fields.get("reduction_ends_on")
    is_advance = ends is not None and each.on <= moved(date.fromisoformat(ends))
    assert is_advance or not ADVANCE.search(words), each
    assert not (is_advance and each.stage == "issued" and each.channel != "toss") or ADVANCE.search(words), each
    codes = {step.code for step in found.steps}
    assert not ADDED.search(words) or "late" in codes, each
    assert "late" not in codes or each.stage != "issued" or each.channel == "toss" or ADDED.search(words), each
    assert not RAISED.search(words) or "raised" in codes, each
    to_trial = any(note.code == "summary_trial" for note in found.notes)
    assert not TO_TRIAL.search(words) or to_trial, each
    assert not to_trial or each.stage != "issued" or each.channel == "toss" or TO_TRIAL.search(words), each


def _deadlines(fields: dict[str, Any]) -> list[date]:
    names = ("reduction_ends_on", "due_on", "first_due_on", "second_due_on")
    return [date.fromisoformat(fields[name]) for name in names if fields.get(name)]


def _dates(line: str, language: str) -> Iterator[tuple[date, tuple[int, int] | None]]:
    for found in (EN if language == "en" else KO).finditer(line):
        month, own_month = found["m"], found["om"]
        if language == "en":
            month = str(MONTHS.index(month) + 1)
            own_month = own_month and str([name[:3] for name in MONTHS].index(own_month) + 1)
        own = (int(own_month), int(found["od"])) if own_month else None
        yield date(int(found["y"]), int(month), int(found["d"])), own


def days_of(messages: list[Statement]) -> dict[str, date]:
    return {each.stage: each.on for each in messages}


def walk_a_fine(ends: date, due: date) -> None:
    fields = a_fine(ends, due)
    messages = statements("traffic_fine", fields, ends - 17 * DAY, 17 + (due - ends).days + 45)
    assert_true(messages, "traffic_fine", fields)
    assert days_of(messages) == {
        "issued": ends - 17 * DAY,
        "reduction_ends": moved(ends) - 3 * DAY,
        "due_soon": moved(due) - 3 * DAY,
        "overdue": moved(due) + DAY,
    }


def walk_a_penalty(first: date) -> None:
    second = moved(first) + 20 * DAY
    fields = a_penalty(first, second)
    messages = statements("traffic_penalty", fields, first - 10 * DAY, 70)
    assert_true(messages, "traffic_penalty", fields)
    assert days_of(messages) == {
        "issued": first - 10 * DAY,
        "first_due_soon": moved(first) - 3 * DAY,
        "second_due_soon": moved(second) - 3 * DAY,
        "trial": moved(second) + DAY,
        "trial_reminder": moved(second) + 20 * DAY,
    }


@pytest.mark.parametrize("day", QUICK)
def test_a_fine_whose_reduction_or_due_date_falls_on_that_day(day: str) -> None:
    walk_a_fine(date.fromisoformat(day), date.fromisoformat(day) + 60 * DAY)


@pytest.mark.parametrize("day", QUICK)
def test_a_penalty_whose_first_deadline_falls_on_that_day(day: str) -> None:
    walk_a_penalty(date.fromisoformat(day))


@pytest.mark.slow
@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_deadlines_on_every_day_off_and_the_days_around_it(year: int) -> None:
    days = [date(year, 1, 1) + number * DAY for number in range(365)]
    for day in days:
        if any(not is_working_day(near) for near in (day, day + DAY)):
            walk_a_fine(day, day + 60 * DAY)
            walk_a_fine(day - 60 * DAY, day)
            walk_a_penalty(day)


@pytest.mark.parametrize("more", [{}, {"due_on": "2026-10-14"}, {"social_reduction_percent": 50}])
@pytest.mark.parametrize("reduced", [None, 40000, 32000])
@pytest.mark.parametrize("late", [0, 1, 4, 40, 70])
def test_the_first_news_of_a_fine_says_the_price_of_its_hour(more: dict[str, Any], reduced: Any, late: int) -> None:
    """`late`: it arrives so many days after its reduction has ended (0: before), on a Sunday among others."""
    ends = date(2026, 8, 15)
    fields = {**a_fine(ends, None), **more, "reduced_amount": reduced}
    fields = {name: value for name, value in fields.items() if value is not None}
    messages = statements("traffic_fine", fields, ends + late * DAY if late else ends - 17 * DAY, 0)
    assert [each.stage for each in messages] == ["issued"] * 8
    assert_true(messages, "traffic_fine", fields)


@pytest.mark.parametrize("due", [None, date(2026, 10, 14), date(2026, 8, 1)])
def test_a_fine_without_an_advance_notice_is_not_notified_as_one(due: date | None) -> None:
    fields = {**a_fine(date(2026, 8, 15), due), "reduced_amount": None, "reduction_ends_on": None}
    messages = statements("traffic_fine", {name: value for name, value in fields.items() if value}, date(2026, 8, 2), 0)
    assert [each.stage for each in messages] == ["issued"] * 8
    assert_true(messages, "traffic_fine", fields)


@pytest.mark.parametrize("late", [-3, 3, 24, 60])
def test_the_first_news_of_a_penalty_says_how_far_it_has_come(late: int) -> None:
    """`late`: days after its first deadline, a Saturday; the second one is on 7 September."""
    fields = a_penalty(date(2026, 8, 15), date(2026, 9, 7))
    messages = statements("traffic_penalty", fields, date(2026, 8, 15) + late * DAY, 0)
    assert [each.stage for each in messages if each.stage == "issued"] == ["issued"] * 8
    assert_true(messages, "traffic_penalty", fields)


@pytest.mark.parametrize("due", ["2026-10-14", "2026-09-26", "2026-01-31"])
@pytest.mark.parametrize("event", ["opened", "imposed", "corrected"])
def test_whatever_a_fine_arrives_with_what_it_says_is_so(due: str, event: str) -> None:
    fields = a_fine(date(2026, 1, 5), date.fromisoformat(due))
    messages = statements("traffic_fine", fields, date(2026, 2, 20), 300, event=event)
    assert messages[0].stage == ("imposed" if event == "imposed" else "issued")
    assert_true(messages, "traffic_fine", fields)


@pytest.mark.parametrize(
    "part", [{"part_paid_amount": 10000, "part_paid_on": "2026-09-01"}, {"part_paid_amount": 5000}]
)
def test_after_a_part_payment_notices_say_what_is_still_owed(part: dict[str, Any]) -> None:
    fields = a_fine(date(2026, 8, 15), date(2026, 10, 14), **part)
    messages = statements("traffic_fine", fields, date(2026, 9, 2), 60, event="imposed")
    assert [each.amount for each in messages if each.stage == "due_soon"] == [40000 - part["part_paid_amount"]] * 8
    assert_true(messages, "traffic_fine", fields)


@pytest.mark.parametrize("was", ["paid", "withdrawn"])
@pytest.mark.parametrize(
    ("data_type", "fields"),
    [
        *(("traffic_fine", a_fine(date(2026, 8, 15), due)) for due in (None, date(2026, 10, 14))),
        ("traffic_penalty", a_penalty(date(2026, 8, 15), date(2026, 9, 7))),
    ],
)
@pytest.mark.parametrize("late", [-3, 20, 70])
def test_what_is_owed_after_all_is_notified_with_the_price_of_its_hour(
    was: str, data_type: str, fields: dict[str, Any], late: int
) -> None:
    """`late`: days after the first deadline; before it, between the two and after both."""
    messages = statements(data_type, fields, date(2026, 8, 15) + late * DAY, 0, was=was)
    assert [each.stage for each in messages] == ["reopened"] * 8
    assert_true(messages, data_type, fields)


HOUR = {"ko": "2026. 1. 2.(금) 오후 2:05", "en": "Fri, 2 January 2026, 2:05 pm"}


@pytest.mark.parametrize("data_type", ["traffic_fine", "traffic_penalty"])
@pytest.mark.parametrize("more", [{}, {"event": "imposed"}, {"was": "paid"}, {"was": "withdrawn"}])
@pytest.mark.parametrize("state", ["open", "objected", "paid", "withdrawn"])
def test_two_cases_of_one_day_are_distinguished_in_every_channel(
    data_type: str, more: dict[str, str], state: str
) -> None:
    day = date(2026, 8, 15)
    fields = a_fine(day, day + 60 * DAY) if data_type == "traffic_fine" else a_penalty(day, day + 20 * DAY)
    for each in statements(data_type, fields, day - 10 * DAY, 120 if state == "open" else 0, state=state, **more):
        assert HOUR[each.language] in each.text, each
