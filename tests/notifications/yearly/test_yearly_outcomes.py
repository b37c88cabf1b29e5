"""What was perhaps sent is polled and never sent again; states only move forward; the statements do not grow."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.gateways import delivery_number, trial_number, yearly_attempt, yearly_reference
from notifications.models import Alarm, ChannelState, TemplateStop, YearlyMessage, YearlyRun
from notifications.states import YEARLY_MOVES
from notifications.yearly.send_yearly import claim_yearly, send_claimed
from notifications.yearly.yearly_outcomes import Heard, apply_yearly
from notifications.yearly.yearly_run import day_of_run, list_people
from subscriptions.models import Citizen, Contact, MessageTemplate
from subscriptions.models.data_type import YEARLY
from tests.notifications.cast import MORNING
from tests.notifications.yearly.conftest import Enrol, go, states
from tests.support.present import present
from tests.support.sandbox_process import SandboxProcess

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(minutes=1)


def only() -> YearlyMessage:
    return YearlyMessage.objects.get()


def test_a_reference_names_the_attempt_and_is_that_of_nothing_else(settings: Any) -> None:
    given = yearly_reference(17, 2)
    assert yearly_attempt(given) == (17, 2)
    assert delivery_number(given) is None and trial_number(given) is None
    for foreign in (f"x{given}", f"{given}-3", given.replace("-2", ""), "ps-17", "year-17-2"):
        assert yearly_attempt(foreign) is None, foreign


def test_a_lost_answer_is_polled_and_never_sent_again(people: Enrol, sandbox: SandboxProcess) -> None:
    people(1)
    sandbox.fault("nhn", "lose_answer", count=1)
    assert go() == 1 and states() == [("unknown", "")]
    YearlyMessage.objects.update(started_at=Now())  # the gateway's clock is that of the machine
    assert go(MORNING + timedelta(minutes=2)) == 0
    assert only().state in ("sent", "delivered") and len(sandbox.rows()) == 1


def test_a_worker_that_was_lost_leaves_no_second_message(people: Enrol, sandbox: SandboxProcess) -> None:
    """What the gateway says it never got goes out once; of another number than it was given, that proves nothing."""
    people(1), people(2)
    day = present(day_of_run(MORNING))
    list_people(day=day, most=10, now=MORNING)
    assert len(claim_yearly(year=day.year, most=10, now=MORNING).made) == 2  # and then it is gone
    Contact.objects.filter(citizen=YearlyMessage.objects.earliest("pk").citizen).update(changed_at=LATER)
    assert go() == 0 and states() == [("sending", "")] * 2
    assert go(MORNING + timedelta(minutes=5)) == 0
    moved, same = YearlyMessage.objects.order_by("pk")
    assert (moved.state, moved.code, same.state, sandbox.rows()) == ("unknown", "lease-over", "waiting", [])
    assert go(MORNING + timedelta(minutes=66)) == 1 and go(MORNING + timedelta(hours=3)) == 0
    assert len(sandbox.rows()) == 1


def test_listing_goes_on_where_it_stopped_and_lists_no_person_twice(people: Enrol) -> None:
    for number in range(1, 6):
        people(number)
    day = present(day_of_run(MORNING))
    assert [list_people(day=day, most=2, now=MORNING) for _ in range(4)] == [2, 2, 1, 0]
    assert YearlyMessage.objects.count() == YearlyRun.objects.get().people == 5
    YearlyRun.objects.update(after=UUID(int=0), listed_at=None, people=0)  # as if it had been lost
    list_people(day=day, most=10, now=MORNING)
    assert YearlyMessage.objects.count() == 5 and YearlyRun.objects.get().people == 0


def test_a_refusal_for_now_is_tried_again_and_a_channel_is_given_up_in_the_end(people: Enrol, settings: Any) -> None:
    person = people(1)
    settings.MAX_ATTEMPTS = 2
    for attempt, code, tried, counted in ((1, "-1", [], 1), (2, "-1", ["sms"], 2), (2, "provider-dark", [], 1)):
        YearlyMessage.objects.all().delete()
        message = YearlyMessage(citizen=person, year=2026, state="sending", channel="sms", attempts=attempt)
        message.save()
        outcome = Outcome("", Verdict.RETRY_LATER, code, retry_after=7200 if code == "-1" else None)
        assert apply_yearly([Heard(message.pk, attempt, outcome)], now=MORNING) == 1
        found = only()
        assert (found.state, found.tried, found.attempts) == ("waiting", tried, counted), code
        later = {"-1": timedelta(hours=2), "provider-dark": timedelta(hours=1)}[code]
        assert present(found.look_at) == MORNING + (timedelta(0) if tried else later)


def test_a_template_that_is_refused_or_a_paused_channel_is_passed_over(people: Enrol) -> None:
    people(1), people(2, channels=["kakaotalk"])
    day = present(day_of_run(MORNING))
    list_people(day=day, most=10, now=MORNING)
    claimed = claim_yearly(year=day.year, most=10, now=MORNING)
    refused = [Heard(each.delivery_id, 1, Outcome("", Verdict.TEMPLATE_REJECTED, "3016")) for each in claimed.made]
    assert apply_yearly(refused, now=MORNING) == 2
    assert TemplateStop.objects.get().template.stage.code == YEARLY
    assert Alarm.objects.filter(kind="wording_refused").count() == 1
    YearlyMessage.objects.update(tried=[])  # of the second person it is the only channel
    ChannelState.objects.create(channel="sms", paused_until=MORNING + timedelta(days=9999), reason="x")
    assert go() == 0 and states() == [("waiting", "channel_paused"), ("waiting", "wording_stopped")]
    ChannelState.objects.all().delete()
    YearlyMessage.objects.update(look_at=MORNING)
    assert go() == 1 and present(YearlyMessage.objects.earliest("pk")).channel == "sms"


def test_nothing_is_claimed_while_no_text_is_live(people: Enrol) -> None:
    people(1)
    MessageTemplate.objects.filter(stage__code=YEARLY).delete()
    assert go() == 0 and states() == [("waiting", "")]


def test_the_database_refuses_every_other_move(people: Enrol) -> None:
    person = people(1)
    for old, allowed in YEARLY_MOVES.items():
        for new in YEARLY_MOVES:
            if new in (old, *allowed):
                continue
            YearlyMessage.objects.all().delete()
            YearlyMessage.objects.create(citizen=person, year=2026, state=old)
            with pytest.raises(IntegrityError), transaction.atomic():
                YearlyMessage.objects.update(state=new)
    with pytest.raises(IntegrityError), transaction.atomic():
        YearlyMessage.objects.create(citizen=person, year=2026)


def test_the_statements_of_a_batch_do_not_grow_with_it(people: Enrol) -> None:
    day = present(day_of_run(MORNING))
    needed = []
    for size in (3, 3, 40):  # the first one fills caches
        Citizen.objects.update(state=Citizen.ERASED)
        YearlyRun.objects.all().delete()
        YearlyMessage.objects.all().delete()
        first = Citizen.objects.count() + 1
        for number in range(first, first + size):
            people(number, channels=["kakaotalk"] if number % 2 else ["sms"])
        with CaptureQueriesContext(connection) as listing:
            list_people(day=day, most=1000, now=MORNING)
        with CaptureQueriesContext(connection) as sending:
            claimed = claim_yearly(year=day.year, most=1000, now=MORNING)
            send_claimed(claimed, now=MORNING)
        assert len(claimed.made) == size
        needed.append((len(listing), len(sending)))
    assert needed[1] == needed[2], needed
    assert needed[2][1] <= MOST_STATEMENTS, needed


# Two channels: claim, approvals, outcomes, and for each channel its health; with the transactions around them.
MOST_STATEMENTS = 20
