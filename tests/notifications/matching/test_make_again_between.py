"""Test reissued notices where the record, the person or an objection changes in between."""

from datetime import datetime, timedelta

import pytest

from notifications.delivery.deliver import deliver_due
from notifications.matching.mark_paid import pause_reminders, resume_reminders
from notifications.matching.match import match_everything
from notifications.models import Notice, Record
from subscriptions.enrolment.withdraw import withdraw
from subscriptions.models import Citizen, DataType
from tests.notifications.cast import MORNING, ci_of
from tests.notifications.matching.missed import (
    FORM,
    LATER,
    OTHER_NUMBER,
    another_reminder,
    arrives,
    failed_on_every_channel,
    fails,
    go,
    made,
    push,
    sign_up,
    who,
)
from tests.subscriptions import cast as people

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("missed_fine")]


@pytest.mark.parametrize("way", ["office", "web"])
def test_what_never_reached_the_officials_entry_is_notified_after_the_merge(way: str) -> None:
    by = people.official()
    senior = people.register(by, now=MORNING)
    subject = {"name": FORM.name, "birth_date": f"{FORM.birth_date}", "phone": FORM.phone}
    push(data_type="vaccination", subject=subject)
    failed_on_every_channel()
    if way == "office":
        assert people.register(by, confirmed=True, now=LATER) == senior
    else:
        people.enrol(who(phone="+821000000099"), ("sms",), now=MORNING)
        her = people.enrol(who(), ("kakaotalk", "sms"), "vaccination", now=LATER)
        assert her != senior
    assert go(LATER) == 1
    assert made() == [("issued", "failed", "all_channels_failed"), ("issued", "sending", "")]
    assert Notice.objects.filter(citizen=senior).count() == (2 if way == "office" else 0)


def test_after_the_record_went_to_another_person_and_came_back_the_first_hears_of_it_once() -> None:
    sign_up()
    push()
    failed_on_every_channel()
    push(2, subject={"ci": ci_of(9)})
    sign_up(now=LATER, phone=OTHER_NUMBER)
    assert go(LATER) == 0
    push(3, now=LATER)
    assert go(LATER) == 1
    arrives(LATER)
    sign_up(now=LATER)
    assert go(LATER) == 0


def test_that_a_record_was_not_theirs_is_notified_once_it_can_be() -> None:
    sign_up()
    push()
    go()
    arrives()
    push(2, subject={"ci": ci_of(9)})
    go()
    fails()
    assert made() == [("issued", "delivered", ""), ("not_yours", "failed", "all_channels_failed")]
    sign_up(now=LATER, phone=OTHER_NUMBER)
    assert go(LATER) == 1
    arrives(LATER)
    assert made()[2:] == [("not_yours", "delivered", "")]
    sign_up(now=LATER)
    assert go(LATER) == 0


def test_a_reminder_that_is_made_again_waits_while_the_person_objects(missed_fine: DataType) -> None:
    another_reminder(missed_fine, "overdue", 1)
    sign_up()
    push()
    go()
    arrives()
    day = datetime(2026, 4, 3, 1, tzinfo=MORNING.tzinfo)
    go(day)
    fails(day)
    pause_reminders(record_id=Record.objects.get().pk, now=day)
    sign_up(now=day, phone=OTHER_NUMBER)
    assert go(day) == 0
    assert made()[2:] == [("overdue", "ready", "objection")]
    resume_reminders(record_id=Record.objects.get().pk, now=day)
    assert go(day) == 1


def test_an_open_debt_is_news_however_late_the_number_is_put_right(missed_fine: DataType) -> None:
    DataType.objects.filter(pk=missed_fine.pk).update(payable="traffic_fine")
    sign_up()
    push()
    failed_on_every_channel()
    Notice.objects.update(expires_at=MORNING + timedelta(days=7))  # as an earlier release had written it
    much_later = MORNING + timedelta(days=60)
    sign_up(now=much_later, phone=OTHER_NUMBER)
    assert go(much_later) == 1


@pytest.mark.parametrize("claimed_between", [True, False])
def test_consent_taken_back_and_given_again_on_the_day_of_a_reminder_costs_no_reminder(claimed_between: bool) -> None:
    sign_up()
    push()
    go()
    arrives()
    day = MORNING.replace(day=30)
    match_everything(now=day)
    withdraw(citizen=Citizen.objects.get(), data_types=None, actor="citizen", now=day)
    if claimed_between:
        assert deliver_due(now=lambda: day) == 0
        assert made()[1:] == [("due_soon", "cancelled", "unsubscribed")]
    sign_up(now=day)
    assert go(day) == 1
    arrives(day)
    sign_up(now=day)
    assert go(day) == 0
    assert [stage for stage, state, _ in made() if state == "delivered"] == ["issued", "due_soon"]
