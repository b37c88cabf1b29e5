"""Test a number with a new owner: from that commit on, nothing is sent there for the old one on any channel."""

from datetime import date
from typing import Any

import pytest

from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import Delivery, Notice
from subscriptions.enrolment.numbers import note_verified_number
from subscriptions.identity.contract import Person
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, phone_of, record, templates
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db


@pytest.fixture
def fine(sandbox: SandboxProcess) -> Any:
    data_type = make_data_type()
    sandbox.register(*templates())
    return data_type


def another_person_proves(number: int) -> None:
    person = Person(ci="9" * 86 + "==", name="이샘플", birth_date=date(1990, 1, 2), phone=phone_of(number))
    note_verified_number(person=person, now=MORNING)


@pytest.mark.parametrize("channel", ["kakaotalk", "sms"])
def test_a_notice_that_waits_is_not_sent_to_the_numbers_new_owner(fine: Any, sandbox: Any, channel: str) -> None:
    enrol(1, fine, channels=[channel])
    ingest(record(1))
    match_everything(now=MORNING)
    another_person_proves(1)
    deliver_due(now=lambda: MORNING)
    assert sandbox.rows() == []
    assert Notice.objects.values_list("state", "reason").get() == ("failed", "no_channel")


def test_what_does_not_go_by_number_still_reaches_the_old_owner(fine: Any, sandbox: Any) -> None:
    enrol(1, fine, channels=["sms", "toss"], toss_user_key="443000001")
    ingest(record(1))
    match_everything(now=MORNING)
    another_person_proves(1)
    deliver_due(now=lambda: MORNING)
    assert list(Delivery.objects.values_list("channel", flat=True)) == ["toss"]
    assert len(sandbox.rows()) == 1
