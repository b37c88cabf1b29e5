"""Calm mode holds back what may wait, and nothing else, and never past its day."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications.delivery.claim import claim
from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import BundleEntry, Notice, QueueEntry, Record
from notifications.operations.free_waiting import free_waiting
from notifications.operations.mend_queue import mend_queue
from notifications.operations.sweep import find_waiting
from secretary.kernel.time.clock import KST, kst_date
from subscriptions.events import announce_merged
from subscriptions.models import Citizen, DataType, DataTypeVersion, Stage
from subscriptions.preferences.hours import Hours, choose_hours
from tests.notifications.calm_cast import AT, calm, go, load_bundle, states
from tests.notifications.cast import MORNING, add_stage, enrol, ingest, make_data_type, record, templates
from tests.support.sandbox_process import SandboxProcess
from tests.support.together import in_one_test

pytestmark = pytest.mark.django_db


@pytest.fixture
def fine(sandbox: SandboxProcess) -> DataType:
    data_type = make_data_type()
    assert data_type.live_version is not None
    add_stage(data_type.live_version, "result", trigger="event", event="result")
    load_bundle()
    sandbox.register(*templates())
    return data_type


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026 in Korea; the 10th is a Tuesday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=KST)


def held() -> list[datetime | None]:
    return list(Notice.objects.order_by("pk").values_list("bundle_at", flat=True))


def test_what_may_wait_is_held_back_in_a_queue_of_its_own(fine: DataType) -> None:
    calm(enrol(1, fine))
    ingest(record(1), record(1))
    assert go() == 0
    assert states() == [("ready", "calm")] * 2
    assert set(Notice.objects.values_list("bundle_at", "not_before")) == {(AT, AT)}
    assert (QueueEntry.objects.count(), BundleEntry.objects.count()) == (0, 2)
    assert mend_queue(now=MORNING) == (0, 0)
    early, due = (find_waiting(now=now) for now in (AT - timedelta(seconds=1), AT))
    assert (early.bundles, early.notices, due.bundles, due.notices) == (False, False, True, False)


# mode, hour, weekday, now, the record's due date and stage → when the bundle goes out; None: at once
CASES = {
    "news, later today": ("daily", None, 1, at(10, 8), "2026-04-02", "issued", at(10, 10, 5)),
    "news, after today's": ("daily", None, 1, at(10, 11), "2026-04-02", "issued", at(11, 10, 5)),
    "at the hour itself": ("daily", time(11), 1, at(10, 11), "2026-04-02", "issued", at(10, 11, 5)),
    "news, a week's": ("weekly", time(18), 1, at(10, 11), "2026-04-02", "issued", at(16, 18, 5)),
    "today is the weekday": ("weekly", time(18), 2, at(10, 11), "2026-04-02", "issued", at(10, 18, 5)),
    "it was the weekday": ("weekly", time(18), 2, at(10, 19), "2026-04-02", "issued", at(17, 18, 5)),
    "a week is left then": ("daily", None, 1, at(10, 11), "2026-03-18", "issued", at(11, 10, 5)),
    "less than a week": ("daily", None, 1, at(10, 11), "2026-03-17", "issued", None),
    "less than a week by then": ("weekly", None, 1, at(10, 11), "2026-03-22", "issued", None),
    "a day that is over": ("weekly", None, 1, at(10, 11), "2026-03-01", "issued", at(16, 10, 5)),
    "a reminder, its own day": ("daily", None, 1, at(10, 9), "2026-03-13", "due_soon", at(10, 10, 5)),
    "a reminder, too late today": ("daily", time(9), 1, at(10, 9, 30), "2026-03-13", "due_soon", None),
    "a reminder, another day": ("weekly", None, 1, at(10, 9), "2026-03-13", "due_soon", None),
    "an hour before one's hours": ("daily", time(7), 1, at(10, 6), "2026-04-02", "issued", at(10, 9, 5)),
    "an hour after them": ("daily", time(21), 1, at(10, 11), "2026-04-02", "issued", at(11, 9, 5)),
}


class Waiting:
    """One notice of person 1, made anew for each case and claimed."""

    def __init__(self, fine: DataType) -> None:
        self.person = enrol(1, fine)
        ingest(record(1), now=at(1, 9))
        self.record = Record.objects.get()
        self.stages = {stage.code: stage for stage in Stage.objects.filter(version=fine.live_version)}

    def claim(self, stage: str, due_on: date, now: datetime, *, urgent: bool = False, **preferences: Any) -> Notice:
        since = {"calm_since": now - timedelta(days=1), "hours_from": None, "hours_to": None}
        Citizen.objects.update(**since | preferences)
        Record.objects.update(date_1=due_on)
        Notice.objects.all().delete()
        Notice.objects.create(
            record=self.record,
            citizen=self.person,
            stage=self.stages[stage],
            cause=f"{stage}:{due_on}" if self.stages[stage].trigger == "date" else stage,
            record_version=1,
            urgent=urgent,
            created_at=now - timedelta(minutes=10),
            not_before=now,
            expires_at=datetime.combine(due_on, time(), KST) + timedelta(days=1)
            if self.stages[stage].expires_slot
            else now + timedelta(days=7),
        )
        claim(now=now)
        return Notice.objects.get()


@pytest.fixture
def waiting(fine: DataType) -> Waiting:
    return Waiting(fine)


@in_one_test("case", list(CASES))
def test_until_when_a_notice_waits(waiting: Waiting, case: str) -> None:
    mode, hour, weekday, now, due_on, stage, expected = CASES[case]
    notice = waiting.claim(stage, date.fromisoformat(due_on), now, calm=mode, calm_at=hour, calm_weekday=weekday)
    assert notice.bundle_at == expected
    if expected is not None:
        assert (notice.state, notice.not_before) == ("ready", expected)
        assert notice.expires_at > expected
    else:
        assert notice.reason != "calm"


@given(
    mode=st.sampled_from(["daily", "weekly"]),
    hour=st.none() | st.times().map(lambda clock: clock.replace(microsecond=0)),
    weekday=st.integers(1, 7),
    hours=st.just((None, None)) | st.tuples(st.integers(0, 11), st.integers(12, 23)),
    minute=st.integers(0, 60 * 24 * 40),
    days=st.integers(-3, 40),
    other=st.none() | st.tuples(st.sampled_from(["date_2", "date_3", "date_4", "happens_at"]), st.integers(-3, 40)),
    stage=st.sampled_from(["issued", "due_soon", "paid", "result"]),
    urgent=st.sampled_from([False, False, False, True]),
)
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_no_notice_ever_leaves_its_day(
    waiting: Waiting,
    mode: str,
    hour: Any,
    weekday: int,
    hours: Any,
    minute: int,
    days: int,
    other: tuple[str, int] | None,
    stage: str,
    urgent: bool,
) -> None:
    """Over modes, hours, weekdays, days that are near, far and over, in each place of a record, and moments of 40 days
    with their holidays. What is urgent never waits."""
    now = datetime(2026, 2, 1, tzinfo=KST) + timedelta(minutes=minute)
    due_on = kst_date(now) + timedelta(days=days)
    Record.objects.update(
        state="paid" if stage == "paid" else "open",
        event="result" if stage == "result" else "opened",
        **dict.fromkeys(("date_2", "date_3", "date_4", "happens_at"), None) | other_day(now, other),
    )
    begin, end = (None if clock is None else time(clock) for clock in hours)
    preferences = {"calm": mode, "calm_at": hour, "calm_weekday": weekday, "hours_from": begin, "hours_to": end}
    notice = waiting.claim(stage, due_on, now, urgent=urgent, **preferences)
    if notice.bundle_at is None:
        assert notice.reason != "calm"
        return
    assert not urgent
    goes = notice.bundle_at.astimezone(KST)
    assert now < notice.bundle_at <= now + timedelta(days=1 if mode == "daily" else 7)
    assert (begin or time(9)) <= goes.time() < (end or time(20))
    assert goes.isoweekday() == weekday or mode == "daily"
    assert notice.expires_at >= notice.bundle_at + timedelta(hours=2)
    if stage == "due_soon":
        assert goes.date() == due_on - timedelta(days=3)
    elif stage != "paid":
        ahead = [kst_date(now) + timedelta(days=each) for each in (days, other[1] if other else -1) if each >= 0]
        assert all(day - goes.date() >= timedelta(days=7) for day in ahead)


def other_day(now: datetime, other: tuple[str, int] | None) -> dict[str, Any]:
    """A second day of the record, by its place there: a date, or an hour in the afternoon."""
    if other is None:
        return {}
    place, days = other
    day = kst_date(now) + timedelta(days=days)
    return {place: datetime.combine(day, time(14), KST) if place == "happens_at" else day}


def test_what_is_urgent_or_of_today_or_was_made_before_is_not_held_back(
    fine: DataType, sandbox: SandboxProcess
) -> None:
    person = enrol(1, fine)
    ingest(record(1, external_id="A"), now=at(10, 8))
    match_everything(now=at(10, 8))
    calm(person, now=at(10, 8, 30), at=time(18))
    ingest(record(1, external_id="B", fields={"hearing_at": "2026-03-10T14:00:00+09:00"}), now=at(10, 9))
    ingest(record(1, external_id="C"), now=at(10, 9))
    assert go(at(10, 9)) == 2
    ingest(record(1, external_id="A", version=2, state="withdrawn"), now=at(10, 10))
    assert go(at(10, 10)) == 1  # its stage is urgent
    found = Notice.objects.order_by("record__external_id", "pk")
    assert list(found.values_list("record__external_id", "stage__code", "state", "bundle_at")) == [
        ("A", "issued", "sending", None),
        ("A", "cancelled", "sending", None),
        ("B", "issued", "sending", None),
        ("C", "issued", "ready", at(10, 18, 5)),
    ]


def test_switched_off_what_waits_goes_out_at_once_and_another_hour_counts_at_once(
    fine: DataType, sandbox: SandboxProcess
) -> None:
    person = calm(enrol(1, fine))
    ingest(record(1), record(1))
    go()
    calm(person, "daily", at=time(18), now=MORNING)
    assert (go(), held()) == (0, [at(10, 18, 5)] * 2)
    choose_hours(citizen_id=person.pk, hours=Hours(time(8), time(17)), actor="citizen", now=MORNING)
    assert (go(), held()) == (0, [at(11, 8, 5)] * 2)
    calm(person, "none", now=MORNING)
    assert (go(), held()) == (2, [None] * 2)
    assert BundleEntry.objects.count() == 0
    assert sandbox.messages()["total"] == 2


def test_a_kind_that_becomes_urgent_is_released_from_the_bundle(fine: DataType, sandbox: SandboxProcess) -> None:
    calm(enrol(1, fine))
    ingest(record(1))
    go()
    old = fine.live_version
    assert old is not None
    new = DataTypeVersion.objects.get(pk=old.pk)
    new.pk, new.number, old.state = None, 2, DataTypeVersion.RETIRED
    old.save()
    new.save()
    add_stage(new, "issued", trigger="opened", urgent=True)
    sandbox.register(*templates())
    fine.live_version = new
    fine.save()
    assert free_waiting(now=MORNING) == 1
    assert free_waiting(now=MORNING) == 0
    assert (deliver_due(now=lambda: MORNING, urgent_only=True), held()) == (1, [None])


def test_a_correction_that_brings_the_day_near_releases_the_notice(fine: DataType, sandbox: SandboxProcess) -> None:
    calm(enrol(1, fine), "weekly")
    ingest(record(1, external_id="A"), record(1, external_id="B"))
    go()
    assert held() == [at(16, 10, 5)] * 2
    ingest(record(1, external_id="A", version=2, fields={"due_on": "2026-03-14"}), now=at(10, 11))
    assert go(at(10, 11)) == 1
    assert held() == [None, at(16, 10, 5)]
    assert "2026. 3. 14.(토)까지" in sandbox.rows()[0]["text"]


def test_notices_of_a_merged_row_wait_as_their_person_wants(fine: DataType) -> None:
    former, person = calm(enrol(1, fine)), enrol(2, fine)
    ingest(record(1))
    go()
    former.keys.update(citizen=person)
    announce_merged(former_id=former.pk, citizen_id=person.pk, now=MORNING)
    assert (BundleEntry.objects.count(), QueueEntry.objects.count(), held()) == (0, 1, [None])


def test_the_settings_of_calm_mode(waiting: Waiting, settings: Any) -> None:
    case: dict[str, Any] = {"stage": "issued", "now": at(10, 8), "calm": "daily"}
    settings.CALM_AT, settings.CALM_GATHER_SECONDS = time(11, 30), 60
    assert waiting.claim(due_on=date(2026, 3, 20), **case).bundle_at == at(10, 11, 31)
    settings.CALM_DAYS_LEFT = 11
    assert waiting.claim(due_on=date(2026, 3, 20), **case).bundle_at is None
