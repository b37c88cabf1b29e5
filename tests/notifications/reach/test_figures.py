"""The report on reach: each notice has one outcome by the rule of its kind, and the figures are its notices'."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from notifications.channels.contract import Verdict
from notifications.delivery.claim import claim
from notifications.models import Notice
from notifications.models.reach import DROPPED, ENOUGH, IN_TIME, LATE, MADE, OUTCOMES_OF_REACH, SHORT
from notifications.operations.count_ended import count_reach
from notifications.operations.resend import close
from notifications.reach import notices
from notifications.reach.figures import OPEN, KindFigures, Month, month_figures
from notifications.reach.notices import notices_page
from notifications.states import CANCELLED, DELIVERED, FAILED, TOO_LATE
from subscriptions.enrolment.withdraw import withdraw
from subscriptions.models import Citizen, DataType, DataTypeVersion
from tests.citizens.inbox.cast import arrive, hand_over, report
from tests.notifications.cast import MORNING, enrol, make_data_type, record

pytestmark = pytest.mark.django_db
MONTH = date(MORNING.year, MORNING.month, 1)
LATER = MORNING + timedelta(hours=25)


@pytest.fixture
def kind() -> DataType:
    return make_data_type()


def figures() -> KindFigures:
    while count_reach():
        continue
    (found,) = month_figures(Month.of(MONTH))
    return found


def listed(kind: DataType, outcome: str, way: str | None = None) -> list[int]:
    found: list[int] = []
    before: int | None = None
    while True:
        page = notices_page(month=Month.of(MONTH), data_type=kind, outcome=outcome, way=way, before=before)
        found += [line.notice_id for line in page.lines]
        if page.before is None:
            return found
        before = page.before


def person(number: int, kind: DataType, *channels: str) -> Notice:
    enrol(number, kind, channels=list(channels or ("kakaotalk", "sms")))
    return arrive(record(number))[0]


def test_a_notice_counts_by_when_it_arrived_and_by_which_channel(kind: DataType) -> None:
    person(1, kind)
    hand_over((Verdict.DELIVERED, ""))
    second = person(2, kind)
    claim(now=MORNING)
    report(Verdict.UNDELIVERABLE, "3019", notice=second)
    claim(now=MORNING)
    report(Verdict.DELIVERED, notice=second)
    third = person(3, kind)
    claim(now=MORNING)
    report(Verdict.DELIVERED, notice=third, now=LATER)
    person(4, kind)
    assert figures().ways == {
        IN_TIME: Counter({"first:kakaotalk": 1, "other:sms": 1}),
        LATE: Counter({"first:kakaotalk": 1}),
        ENOUGH: Counter(),
        SHORT: Counter(),
        DROPPED: Counter(),
    }
    assert (figures().made, figures().of(OPEN)) == (4, 1)


def test_who_was_not_reached_counts_by_what_was_tried(kind: DataType) -> None:
    first = person(1, kind)
    for code in ("3019", "30003"):
        claim(now=MORNING)
        report(Verdict.UNDELIVERABLE, code, notice=first)
    claim(now=MORNING)
    second = person(2, kind)
    claim(now=MORNING)
    report(Verdict.UNDELIVERABLE, "3019", notice=second)
    claim(now=MORNING + timedelta(days=3000))  # too late for the next channel
    third = person(3, kind)
    claim(now=MORNING)
    report(Verdict.UNKNOWN, notice=third)
    Notice.objects.filter(pk=third.pk).update(state="review", reason="gateway_silent")
    close(notice_id=third.pk, actor="staff:1", reason="확인함", now=MORNING)
    fourth = person(4, kind)
    withdraw(citizen=Citizen.objects.get(pk=fourth.citizen_id), data_types=None, actor="citizen", now=MORNING)
    claim(now=MORNING)
    found = figures().ways
    assert found[ENOUGH] == {"kakaotalk+sms": 1}
    assert found[SHORT] == {"kakaotalk": 1, "": 1}
    assert found[DROPPED] == {"": 1}
    assert listed(kind, ENOUGH, "kakaotalk+sms") == [first.pk]
    assert listed(kind, SHORT, "") == [third.pk]


def test_the_rule_of_the_kind_decides(kind: DataType) -> None:
    DataTypeVersion.objects.update(reach_hours=48, reach_channels=1)
    first = person(1, kind)
    claim(now=MORNING)
    report(Verdict.DELIVERED, notice=first, now=LATER)
    person(2, kind)
    claim(now=MORNING)
    report(Verdict.UNDELIVERABLE, "3019", notice=Notice.objects.latest("pk"))
    claim(now=MORNING + timedelta(days=3000))
    assert figures().ways[IN_TIME] == {"first:kakaotalk": 1}
    assert figures().ways[ENOUGH] == {"kakaotalk": 1}


def test_what_had_arrived_before_it_was_sent_again_counts_as_reached(kind: DataType) -> None:
    first = person(1, kind)
    claim(now=MORNING)
    report(Verdict.RETRY_LATER, "x", notice=first)
    report(Verdict.DELIVERED, notice=first, now=MORNING + timedelta(minutes=1))
    first.refresh_from_db()
    assert (first.state, first.reason) == (CANCELLED, "already_delivered")
    assert figures().ways[IN_TIME] == {"first:kakaotalk": 1}
    assert listed(kind, IN_TIME, "first:kakaotalk") == [first.pk]


def test_the_figures_of_any_history_are_those_of_its_notices(kind: DataType, monkeypatch: pytest.MonkeyPatch) -> None:
    """No notice is in two classes or in none, each figure leads to exactly its notices, and counting twice or in
    between changes nothing. Pages of three, read in parts of two."""
    monkeypatch.setattr(notices, "PER_PAGE", 3)
    monkeypatch.setattr(notices, "MOST_READ", 2)
    chance = random.Random(52)
    made = [person(number, kind) for number in range(1, 13)]
    now = MORNING
    for _step in range(80):
        now += timedelta(hours=chance.choice([0, 0, 1, 9]))
        claim(now=now)
        notice = chance.choice(made)
        if notice.deliveries.exists():
            verdict = chance.choice([*Verdict])
            report(verdict, "3019" if verdict is Verdict.UNDELIVERABLE else "", notice=notice, now=now)
        if chance.random() < 0.3:
            count_reach()
    found = figures()
    outcomes = [*OUTCOMES_OF_REACH, OPEN]
    classes = {outcome: listed(kind, outcome) for outcome in outcomes}
    assert sorted(pk for each in classes.values() for pk in each) == sorted(notice.pk for notice in made)
    assert {outcome: len(each) for outcome, each in classes.items()} == {each: found.of(each) for each in outcomes}
    assert found.made == len(listed(kind, MADE)) == len(made)
    for outcome, ways in found.ways.items():
        assert sorted(pk for way in ways for pk in listed(kind, outcome, way)) == sorted(classes[outcome])
        assert all(len(listed(kind, outcome, way)) == count for way, count in ways.items())
    ended = Notice.objects.filter(state__in=(DELIVERED, FAILED, CANCELLED, TOO_LATE)).count()
    assert ended == len(made) - found.of(OPEN) > 5
