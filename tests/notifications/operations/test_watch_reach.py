"""Test unreached people: staff and the person see it, it is counted, and it ends when a notice arrives."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.deliver import deliver_due
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.matching.match import match_everything
from notifications.models import Alarm, Delivery, Notice, TemplateStop
from notifications.operations.watch_reach import watch_reach
from subscriptions.data_types.load import ensure_service_consent
from subscriptions.enrolment.withdraw import withdraw
from subscriptions.models import Citizen, Contact, DataType, DataTypeVersion, MessageTemplate, Unreached
from tests.notifications.cast import MORNING, ci_of, enrol, ingest, make_data_type, record, templates
from tests.subscriptions import cast as people
from tests.support.present import present
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(hours=2)


@pytest.fixture(autouse=True)
def fine(sandbox: SandboxProcess) -> DataType:
    ensure_service_consent()
    make_data_type("vaccination")
    data_type = make_data_type()
    sandbox.register(*templates())
    return data_type


def go(now: Any = MORNING) -> int:
    match_everything(now=now)
    return deliver_due(now=lambda: now)


def outcome(verdict: Verdict, *, of: int = 0, now: Any = MORNING, by_receipt: bool = False) -> None:
    """Of the delivery with that place, the first is 0, the newest -1."""
    found = list(Delivery.objects.order_by("pk"))[of]
    reported = Reported(found.pk, Outcome("", verdict, "30003"), channel=found.channel, by_receipt=by_receipt)
    apply_outcomes([reported], now=now)


def unreached() -> dict[Any, str]:
    return dict(Unreached.objects.values_list("citizen", "reason"))


@pytest.fixture
def alice(fine: DataType) -> Citizen:
    """Her only channel has failed, two hours ago."""
    citizen = enrol(1, fine, channels=["sms"])
    ingest(record(1, external_id="A"))
    go()
    outcome(Verdict.UNDELIVERABLE)
    go()
    assert unreached() == {citizen.pk: "all_channels_failed"}
    assert Unreached.objects.get().at == MORNING
    return citizen


def test_a_notice_that_arrives_ends_it_and_brings_what_was_missed(alice: Citizen) -> None:
    """A block that ended shows itself by nothing else."""
    assert watch_reach(now=MORNING) == 0
    ingest(record(1, external_id="B"), now=LATER)
    go(LATER)
    outcome(Verdict.DELIVERED, of=-1, now=LATER)
    assert watch_reach(now=LATER) == 1
    assert unreached() == {}
    assert go(LATER) == 1
    assert list(Notice.objects.filter(record__external_id="A").order_by("pk").values_list("state", flat=True)) == [
        "failed",
        "sending",
    ]
    assert watch_reach(now=LATER) == 0


def test_what_arrived_after_all_ends_it_and_brings_nothing(alice: Citizen) -> None:
    outcome(Verdict.DELIVERED, by_receipt=True, now=LATER)
    assert watch_reach(now=LATER) == 1
    assert unreached() == {}
    assert go(LATER) == 0


def test_a_message_that_fails_after_the_number_was_put_right_is_made_again(alice: Citizen) -> None:
    """It was under way to the old one."""
    Contact.objects.update(changed_at=Now())
    assert watch_reach(now=LATER) == 1
    assert unreached() == {}
    assert go(LATER) == 1


@pytest.mark.parametrize("what", ["a version", "a stop"])
def test_what_failed_is_made_again_after_an_approval(alice: Citizen, fine: DataType, what: str) -> None:
    if what == "a version":
        DataTypeVersion.objects.filter(pk=present(fine.live_version_id)).update(
            approved_at=MORNING + timedelta(hours=1)
        )
    else:
        template = present(MessageTemplate.objects.filter(stage__code="issued", channel="sms").first())
        hour_later = MORNING + timedelta(hours=1)
        TemplateStop.objects.create(template=template, code="x", stopped_at=MORNING, cleared_at=hour_later)
    Unreached.objects.update(looked_at=MORNING)
    assert watch_reach(now=LATER) == 1
    assert unreached() == {alice.pk: "all_channels_failed"}  # until a notice arrives
    assert go(LATER) == 1
    assert watch_reach(now=LATER) == 0  # once for each approval


@pytest.mark.parametrize("how", ["withdrawn", "another number", "another channel"])
def test_it_ends_with_the_consent_and_with_another_number_or_channel(alice: Citizen, how: str) -> None:
    if how == "withdrawn":
        withdraw(citizen=alice, data_types=None, actor="citizen", now=LATER)
    else:
        who = people.person(1, ci=ci_of(1), name="홍길동", birth_date=alice.birth_date, phone="+821000000001")
        channels = ("kakaotalk",) if how == "another channel" else ("sms",)
        phone = who.phone if how == "another channel" else "+821000000045"
        people.enrol(
            people.person(1, ci=who.ci, name=who.name, birth_date=who.birth_date, phone=phone), channels, now=LATER
        )
    watch_reach(now=LATER)
    assert unreached() == {}


def by_toss_alone() -> Citizen:
    return people.enrol(people.ALICE, ("toss",), now=MORNING)


def by_a_number_that_another_person_proved() -> Citizen:
    her = people.enrol(people.ALICE, ("sms",), now=MORNING)
    people.enrol(people.person(3, name="이샘플", phone=people.ALICE.phone), ("sms",), now=LATER)
    return her


@pytest.mark.parametrize("chosen", [by_toss_alone, by_a_number_that_another_person_proved])
def test_who_cannot_be_reached_at_all_is_counted_before_a_notice_fails(chosen: Callable[[], Citizen]) -> None:
    her = chosen()
    assert unreached() == {her.pk: "no_channel"}
    watch_reach(now=LATER)
    alarm = Alarm.objects.get(kind="unreached")
    assert "1 people are reached by no channel" in alarm.message and "1 chose no usable channel" in alarm.message
    people.enrol(people.person(1, phone="+821000000046"), ("sms",), now=LATER)
    assert unreached() == {}


def test_the_alarm_says_how_many_there_are_now(alice: Citizen) -> None:
    watch_reach(now=MORNING)
    by_toss_alone()
    watch_reach(now=MORNING + timedelta(minutes=1))
    assert Alarm.objects.get(kind="unreached").times == 1  # not counted each minute
    watch_reach(now=LATER)
    assert Alarm.objects.get(kind="unreached").message.startswith("2 people")


def test_one_look_takes_a_few_statements_for_any_number_of_people(fine: DataType) -> None:
    for number in range(40):
        enrol(number, fine, channels=[])
    ingest(*(record(number) for number in range(40)))
    go()
    assert len(unreached()) == 40
    with CaptureQueriesContext(connection) as queries:
        assert watch_reach(now=LATER) == 0
    assert len(queries) < 12
