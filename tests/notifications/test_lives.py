"""Test that the newest notice to a person agrees with the record after any change: through intake, match and claim."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import product
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications.channels.contract import Outcome, Verdict
from notifications.delivery.claim import claim
from notifications.delivery.compose import approved, compose
from notifications.delivery.outcomes import Reported, apply_outcomes
from notifications.matching.mark_paid import hear_from_agency, mark_record_paid
from notifications.matching.match import match_everything
from notifications.models import Notice, Record
from secretary.kernel.time.clock import kst_date
from tests.notifications.cast import MORNING, add_stage, enrol, ingest, make_data_type, record, subscribe

pytestmark = pytest.mark.django_db
SAYS = {
    "open": {"issued", "imposed", "changed", "reopened"},
    "paid": {"paid"},
    "completed": {"done"},
    "withdrawn": {"cancelled"},
    "objected": {"court"},
}
STATES = tuple(SAYS)


class Message(NamedTuple):
    citizen: Any
    stage: str
    text: str


class Life:
    """One record about person 1, who has one of its two keys, and 2, who has the other; and every message of it."""

    def __init__(self) -> None:
        self.now, self.notified = MORNING, list[Message]()
        self.number = "L-1"

    def news(self, version: int = 1, state: str = "open", event: str = "opened", **fields: Any) -> None:
        self.now += timedelta(minutes=1)
        line = record(1, external_id=self.number, version=version, state=state, event=event, fields=fields)
        line["subject"] |= {"name": "홍길동", "birth_date": "1960-01-02", "phone": "010-0000-0002"}  # person 2's key
        ingest(line, now=self.now)
        self.match()

    def match(self) -> None:
        self.now += timedelta(minutes=1)
        match_everything(now=self.now)

    def deliver(self) -> list[str]:
        """What is sent now: the codes of the stages."""
        self.now += timedelta(minutes=1)
        before = len(self.notified)
        while attempts := claim(now=self.now).attempts:
            contents = approved(attempt.template_id for attempt in attempts)
            for attempt in attempts:
                content = contents[attempt.template_id]
                text = compose(attempt, content=content, template_code="", day=kst_date(self.now)).text
                notice = Notice.objects.select_related("stage").get(pk=attempt.notice_id)
                self.notified.append(Message(notice.citizen_id, notice.stage.code, text))
            arrived = Outcome("", Verdict.DELIVERED)
            apply_outcomes([Reported(attempt.delivery_id, arrived) for attempt in attempts], now=self.now)
        fresh = self.notified[before:]
        people = [message.citizen for message in fresh]
        assert len(people) == len(set(people)), [message.stage for message in fresh]  # one message at once to each
        return [message.stage for message in fresh]

    def last_to(self, citizen: Any) -> Message | None:
        return next((message for message in reversed(self.notified) if message.citizen == citizen.pk), None)


@pytest.fixture
def fine() -> Any:
    data_type: Any = make_data_type()
    add_stage(data_type.live_version, "court", trigger="objected", told_only=True)
    add_stage(data_type.live_version, "imposed", trigger="event", event="imposed")
    return data_type


@pytest.fixture
def alice(fine: Any) -> Any:
    return enrol(1, fine)


def check_truth(life: Life, *people: Any) -> None:
    """The last message to each names the record's state, and its amount where it is still to be paid."""
    row = Record.objects.get(external_id=life.number)
    for citizen in people:
        last = life.last_to(citizen)
        if last is None:
            assert row.state != "open", "nothing was said of an open record"
            continue
        assert last.stage in SAYS[row.state], (last.stage, row.state, [item.stage for item in life.notified])
        if row.state == "open":
            assert f"{row.payload['amount']:,}원" in last.text


@pytest.mark.parametrize("back", ["paid", "completed", "withdrawn", "objected"])
def test_what_was_over_and_is_open_again_is_notified_with_the_amount_as_it_stands(alice: Any, back: str) -> None:
    life = Life()
    life.news()
    assert life.deliver() == ["issued"]
    life.news(version=2, state=back)
    [over] = life.deliver()
    life.news(version=3)
    assert life.deliver() == ["reopened"] and "40,000원" in life.notified[-1].text
    life.news(version=4, state=back)
    assert life.deliver() == [over]  # a second time
    life.news(version=5, amount=70000)
    assert life.deliver() == ["reopened"] and "70,000원" in life.notified[-1].text  # once, not as a change as well


def test_causes_carry_the_version_at_which_the_state_began(alice: Any) -> None:
    life = Life()
    for version, state in enumerate(["open", "withdrawn", "open"], 1):
        life.news(version=version, state=state)
        life.deliver()
    assert list(Notice.objects.order_by("pk").values_list("cause", flat=True)) == [
        "issued", "cancelled:v2", "reopened:v3",
    ]  # fmt: skip


def test_a_person_who_was_not_notified_gets_the_first_news_and_no_correction_of_it(alice: Any) -> None:
    life = Life()
    life.news()
    life.news(version=2, state="withdrawn")
    assert life.deliver() == []  # the first notice was still queued
    life.news(version=3)
    assert life.deliver() == ["issued"]


def test_what_came_and_went_before_anything_was_sent_is_notified_once_as_it_stands(alice: Any) -> None:
    life = Life()
    life.news()
    life.deliver()
    for version, state in enumerate(["withdrawn", "open", "withdrawn"], 2):
        life.news(version=version, state=state)
    assert life.deliver() == ["cancelled"]


def test_a_live_version_without_a_stage_for_it_says_the_record_once_more(alice: Any, fine: Any) -> None:
    fine.live_version.stages.filter(trigger="reopened").delete()
    life = Life()
    for version, state in enumerate(["open", "paid", "open"], 1):
        life.news(version=version, state=state)
        life.deliver()
    assert [message.stage for message in life.notified] == ["issued", "paid", "issued"]


BACK = [("objected", "court"), ("withdrawn", "cancelled"), ("paid", "paid")]


@pytest.mark.parametrize(("over", "notified"), BACK)
@pytest.mark.parametrize("known", [False, True])
def test_what_is_back_with_news_of_its_own_is_notified_once_by_the_newest(
    alice: Any, over: str, notified: str, known: bool
) -> None:
    """`known`: the person was notified of the event before it was over, so that only the return is new."""
    life = Life()
    life.news(event="imposed" if known else "opened")
    assert life.deliver() == ["imposed" if known else "issued"]
    life.news(version=2, state=over, event="imposed" if known else "opened")
    assert life.deliver() == [notified]
    life.news(version=3, event="imposed", amount=50000)
    assert life.deliver() == ["reopened" if known else "imposed"] and "50,000원" in life.notified[-1].text
    life.match()
    assert life.deliver() == []
    life.news(version=4, event="imposed", amount=60000)
    assert life.deliver() == ["changed"]
    life.news(version=5, state=over, event="imposed")
    assert life.deliver() == [notified]


@pytest.mark.parametrize("waiting", ["reopened", "changed"])
def test_what_waits_in_the_queue_gives_way_to_newer_news_of_an_event(alice: Any, waiting: str) -> None:
    life = Life()
    life.news()
    life.deliver()
    if waiting == "reopened":
        life.news(version=2, state="withdrawn")
        life.deliver()
    life.news(version=3, amount=50000)
    life.news(version=4, event="imposed", amount=50000)
    assert life.deliver() == ["imposed"]
    life.match()
    assert life.deliver() == []


def test_an_event_that_comes_back_is_notified_again(alice: Any, fine: Any) -> None:
    stage = fine.live_version.stages.get(code="issued")
    stage.trigger, stage.event = "event", "documents_missing"
    stage.save()
    life = Life()
    for version, event in enumerate(["opened", "documents_missing", "opened", "documents_missing"], 1):
        life.news(version=version, event=event)
        assert life.deliver() == (["issued"] if event == "documents_missing" else [])
    life.news(version=5, event="documents_missing")
    assert life.deliver() == []  # nothing new


def test_news_that_only_a_done_record_has_are_taken_back_when_it_is_open_again(alice: Any, fine: Any) -> None:
    fine.live_version.stages.filter(trigger="completed").delete()
    add_stage(fine.live_version, "result", trigger="event", event="result", states=["completed"])
    life = Life()
    for version, state, event, notified in ((1, "completed", "result", "result"), (2, "open", "opened", "reopened")):
        life.news(version=version, state=state, event=event)
        assert life.deliver() == [notified]


def test_a_payment_here_and_news_of_the_agency_against_it_are_notified_in_turn(alice: Any) -> None:
    life = Life()
    life.news()
    life.deliver()
    pk = Record.objects.get().pk
    hear_from_agency(record_id=pk, state="paid", now=life.now)
    assert life.deliver() == ["paid"]
    life.news(version=2)
    assert life.deliver() == ["reopened"]
    mark_record_paid(record_id=pk, now=life.now, citizen_id=alice.pk)
    assert life.deliver() == ["paid"]
    life.news(version=3)  # older than our posting to the agency
    assert life.deliver() == []


def _walk(fine: Any, states: Sequence[str], sends: Sequence[bool]) -> None:
    alice, bob = enrol(1, fine), enrol(1001, fine)
    life = Life()
    for version, (state, send) in enumerate(zip(states, sends, strict=True), 1):
        life.news(version=version, state=state, amount=10000 * version if version % 2 else 10000)
        if send:
            life.deliver()
    life.deliver()
    check_truth(life, alice)
    assert life.last_to(bob) is None


@pytest.mark.parametrize("length", [2, 3])
def test_after_any_states_in_any_order_the_last_message_is_true(fine: Any, length: int) -> None:
    """Of three, those that differ from the one before: twice the same is among the pairs, and all are among the fours
    below."""
    for states in product(STATES, repeat=length):
        if length == 3 and (states[0] == states[1] or states[1] == states[2]):
            continue
        with transaction.atomic():
            _walk(fine, states, [True] * length)
            transaction.set_rollback(True)


@pytest.mark.slow
def test_after_any_four_states_with_anything_unsent_in_between_the_last_message_is_true(fine: Any) -> None:
    for states, sends in product(product(STATES, repeat=4), product([True, False], repeat=3)):
        with transaction.atomic():
            _walk(fine, states, [*sends, True])
            transaction.set_rollback(True)


CONTENT = st.tuples(st.sampled_from(STATES), st.sampled_from([40000, 70000]), st.sampled_from(["opened", "imposed"]))
STEPS = st.lists(st.one_of(st.integers(1, 5), st.sampled_from(["deliver", "subscribe"])), min_size=2, max_size=12)


def _any_history(fine: Any, contents: Sequence[tuple[str, int, str]], steps: Sequence[int | str]) -> None:
    """Versions in any order and any number of times, with deliveries and the other person's sign-up in between."""
    alice, late = enrol(1, fine), enrol(2)
    life = Life()
    for step in [*steps, 5, "deliver"]:
        if step == "deliver":
            life.deliver()
        elif step == "subscribe":
            if not late.subscriptions.exists():
                subscribe(late, fine, matched=False)
                life.match()
        else:
            state, amount, event = contents[int(step) - 1]
            life.news(version=int(step), state=state, event=event, amount=amount)
    check_truth(life, alice, *([late] if late.subscriptions.exists() else []))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(contents=st.lists(CONTENT, min_size=5, max_size=5), steps=STEPS)
def test_after_any_history_the_last_message_to_each_is_true(fine: Any, contents: Any, steps: Any) -> None:
    with transaction.atomic():
        _any_history(fine, contents, steps)
        transaction.set_rollback(True)


@pytest.mark.slow
@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck), derandomize=False)
@given(contents=st.lists(CONTENT, min_size=5, max_size=5), steps=STEPS)
def test_after_very_many_histories_the_last_message_to_each_is_true(fine: Any, contents: Any, steps: Any) -> None:
    with transaction.atomic():
        _any_history(fine, contents, steps)
        transaction.set_rollback(True)
