"""Test that an undelivered notice is issued again once the reason is gone, and a delivered one never is."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.matching.match import match_everything, match_subscriptions
from notifications.models import Delivery, Notice
from notifications.states import NOTICE_MOVES, NOTICE_RELEASABLE
from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.enrolment.my_choices import add_data_types, change_channels
from subscriptions.enrolment.numbers import note_verified_number
from subscriptions.enrolment.withdraw import withdraw
from subscriptions.models import Citizen, DataType, Subscription
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
from tests.support.sandbox_process import SandboxProcess

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("missed_fine")]


def agree_again(now: datetime = LATER) -> None:
    citizen = Citizen.objects.get()
    texts = texts_for(live_data_types(["traffic_fine"]))
    add_data_types(citizen=citizen, data_types=["traffic_fine"], consents=texts, language="ko", now=now)


def lose_the_number() -> None:
    other = people.person(8, phone=FORM.phone)
    note_verified_number(person=other, now=MORNING)


def unsubscribed_before_it_went(data_types: list[str] | None) -> None:
    match_everything(now=MORNING)
    withdraw(citizen=Citizen.objects.get(), data_types=data_types, actor="citizen", now=MORNING)
    go()


def no_channel() -> None:
    lose_the_number()
    go()


# the end of the notice → its cause → its remedy
MENDED: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "a corrected number": (failed_on_every_channel, lambda: sign_up(now=LATER, phone=OTHER_NUMBER)),
    "a number corrected twice": (
        failed_on_every_channel,
        lambda: (sign_up(now=LATER, phone="+821000000047"), sign_up(now=LATER, phone=OTHER_NUMBER)),
    ),
    "two windows that save the same": (
        failed_on_every_channel,
        lambda: [change_channels(citizen=Citizen.objects.get(), channels=["naver", "sms"], now=LATER) for _ in "ab"],
    ),
    "consent taken back and given again before it was looked at": (
        failed_on_every_channel,
        lambda: (
            withdraw(citizen=Citizen.objects.get(), data_types=None, actor="citizen", now=LATER),
            sign_up(now=LATER),
        ),
    ),
    "another channel": (failed_on_every_channel, lambda: sign_up("kakaotalk", "sms", now=LATER)),
    "the same once more": (failed_on_every_channel, lambda: sign_up(now=LATER)),
    "another channel in the settings": (
        failed_on_every_channel,
        lambda: change_channels(citizen=Citizen.objects.get(), channels=["naver", "sms"], now=LATER),
    ),
    "the same saved once more": (
        failed_on_every_channel,
        lambda: change_channels(citizen=Citizen.objects.get(), channels=["sms"], now=LATER),
    ),
    "a new number after the old one was taken": (
        no_channel,
        lambda: note_verified_number(person=who(phone=OTHER_NUMBER), now=LATER),
    ),
    "consent to that kind, given again": (lambda: unsubscribed_before_it_went(["traffic_fine"]), agree_again),
    "all consent, given again": (lambda: unsubscribed_before_it_went(None), lambda: sign_up(now=LATER)),
}


@pytest.mark.parametrize("mended", MENDED)
def test_what_is_still_true_is_notified_once_the_reason_is_gone(mended: str, sandbox: SandboxProcess) -> None:
    spoil, mend = MENDED[mended]
    sign_up()
    push()
    spoil()
    first = Notice.objects.get()
    assert (first.state, first.reason) in {(state, why) for state, whys in NOTICE_RELEASABLE.items() for why in whys}
    before = sandbox.messages()["total"]
    mend()
    assert go(LATER) == 1
    assert made() == [("issued", first.state, first.reason), ("issued", "sending", "")]
    arrives(LATER)
    assert go(LATER) == 0
    assert sandbox.messages()["total"] == before + 1


@pytest.mark.parametrize("mended", MENDED)
def test_what_was_notified_is_not_notified_again_whatever_the_person_changes(mended: str) -> None:
    _, mend = MENDED[mended]
    sign_up()
    push()
    go()
    arrives()
    if "consent" in mended:
        withdraw(citizen=Citizen.objects.get(), data_types=["traffic_fine"], actor="citizen", now=MORNING)
    if "taken" in mended:
        lose_the_number()
    mend()
    assert go(LATER) == 0
    assert made() == [("issued", "delivered", "")]


@pytest.mark.parametrize(
    ("news", "then"),
    [
        ({"state": "paid"}, []),
        ({"state": "withdrawn"}, []),
        ({"fields": {"amount": 70000}}, ["70,000원을"]),
        ({"subject": {"ci": ci_of(9)}}, []),
    ],
    ids=["paid", "withdrawn", "corrected", "another person's"],
)
def test_what_is_notified_is_what_is_true_by_then(
    news: dict[str, Any], then: list[str], sandbox: SandboxProcess
) -> None:
    sign_up()
    push()
    failed_on_every_channel()
    push(2, **news)
    go()
    sign_up(now=LATER, phone=OTHER_NUMBER)
    go(LATER)
    texts = [row["text"] for row in sandbox.rows() if OTHER_NUMBER[-8:] in row["address"]]
    assert len(texts) == len(then)
    assert all(words in text for words, text in zip(then, texts, strict=True))


def test_what_is_too_late_is_not_sent() -> None:
    sign_up()
    push()
    failed_on_every_channel()
    eight_days = MORNING + timedelta(days=8)
    sign_up(now=eight_days, phone=OTHER_NUMBER)
    assert go(eight_days) == 0
    assert made() == [("issued", "failed", "all_channels_failed")]


def test_a_reminder_is_made_again_after_its_day_and_of_several_the_newest_alone(missed_fine: DataType) -> None:
    another_reminder(missed_fine, "due_sooner", -2)
    sign_up()
    push()
    go()
    arrives()
    for day in (30, 31):  # three days and two days before 2 April
        go(MORNING.replace(day=day))
        fails(MORNING.replace(day=day))
    last = datetime(2026, 4, 2, 1, tzinfo=MORNING.tzinfo)
    sign_up(now=last, phone=OTHER_NUMBER)
    assert go(last) == 1
    failed = ("failed", "all_channels_failed")
    assert made()[1:] == [("due_soon", *failed), ("due_sooner", *failed), ("due_sooner", "sending", "")]
    arrives(last)
    sign_up(now=last)
    assert go(last) == 0  # reminders before the newest one are not sent any more
    after = last + timedelta(days=1)
    sign_up(now=after)
    assert go(after) == 0


def test_the_first_news_and_its_reminder_do_not_come_together() -> None:
    sign_up()
    push(now=MORNING.replace(day=29))
    go(MORNING.replace(day=29))
    fails(MORNING.replace(day=29))
    go(MORNING.replace(day=30))
    fails(MORNING.replace(day=30))
    sign_up(now=MORNING.replace(day=31), phone=OTHER_NUMBER)
    assert go(MORNING.replace(day=31)) == 1
    assert [stage for stage, state, _ in made() if state == "sending"] == ["issued"]


def test_what_arrived_after_all_is_not_made_again() -> None:
    sign_up()
    push()
    failed_on_every_channel()
    apply_outcomes(
        [Reported(Delivery.objects.get().pk, Outcome("", Verdict.DELIVERED), channel="sms", by_receipt=True)],
        now=MORNING,
    )
    sign_up(now=LATER, phone=OTHER_NUMBER)
    assert go(LATER) == 0


def test_a_notice_that_still_waits_is_tried_by_every_channel_of_the_new_number() -> None:
    sign_up("kakaotalk")
    push()
    go()
    apply_outcomes([Reported(Delivery.objects.get().pk, Outcome("", Verdict.UNDELIVERABLE, "3018"))], now=MORNING)
    assert Notice.objects.get().tried == ["kakaotalk"]
    sign_up("kakaotalk", phone=OTHER_NUMBER)
    assert go() == 1
    assert [(d.channel, d.state) for d in Delivery.objects.order_by("pk")] == [
        ("kakaotalk", "failed"),
        ("kakaotalk", "sent"),
    ]


@pytest.mark.parametrize("state", NOTICE_MOVES)
def test_the_database_lets_no_notice_release_its_cause_that_may_have_been_sent(state: str) -> None:
    """`failed` and `cancelled` too only for the reasons of the table."""
    sign_up()
    push()
    match_everything(now=MORNING)
    path = {"sending": ["sending"], "unknown": ["sending", "unknown"], "delivered": ["sending", "delivered"]}
    for step in path.get(state, [] if state == "ready" else [state]):
        Notice.objects.update(state=step, reason="already_told")
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.update(released_at=MORNING)


def test_a_cause_is_released_once() -> None:
    sign_up()
    push()
    failed_on_every_channel()
    Notice.objects.update(released_at=MORNING)
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.update(released_at=LATER)


def test_people_who_are_new_cost_one_short_look_more(missed_fine: DataType) -> None:
    sign_up()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert match_subscriptions(now=MORNING) == 1
    assert sum("notifications_notice" in query["sql"] for query in queries.captured_queries) == 2  # look, and INSERT
    assert Subscription.objects.get().matched_at == MORNING
