"""Test what is news to one person: corrections of events, and changes reversed before the person was notified."""

from datetime import timedelta
from typing import Any

import pytest

from notifications.models import Notice
from tests.notifications.cast import add_stage, enrol, make_data_type, subscribe
from tests.notifications.test_lives import Life, check_truth

pytestmark = pytest.mark.django_db


@pytest.fixture
def fine() -> Any:
    return make_data_type()


@pytest.fixture
def alice(fine: Any) -> Any:
    return enrol(1, fine)


def _result_stage(fine: Any) -> None:
    """As for the scholarship: news of an event, also after the record is completed, for which there is no stage."""
    fine.live_version.stages.filter(trigger="completed").delete()
    add_stage(fine.live_version, "result", trigger="event", event="result", states=["open", "completed"])


@pytest.mark.parametrize("state", ["open", "completed"])
def test_a_correction_under_the_same_event_is_notified_as_long_as_the_event_is_news(
    alice: Any, fine: Any, state: str
) -> None:
    _result_stage(fine)
    life = Life()
    life.news(state=state, event="result")
    assert life.deliver() == ["result"]
    life.news(version=2, state=state, event="result", amount=70000)
    assert life.deliver() == ["changed"] and "70,000원" in life.notified[-1].text
    life.news(version=3, state=state, event="result", amount=40000)
    assert life.deliver() == ["changed"] and "40,000원" in life.notified[-1].text  # the notified state is reversed


@pytest.mark.parametrize(("state", "event"), [("open", "opened"), ("open", "result"), ("completed", "result")])
def test_a_correction_that_is_undone_before_it_was_notified_changes_nothing(
    alice: Any, fine: Any, state: str, event: str
) -> None:
    _result_stage(fine)
    life = Life()
    life.news(state=state, event=event)
    life.deliver()
    life.news(version=2, state=state, event=event, amount=70000)
    life.news(version=3, state=state, event=event, amount=90000)
    life.news(version=4, state=state, event=event, amount=40000)
    assert life.deliver() == []
    life.news(version=5, state=state, event=event, amount=90000)
    assert life.deliver() == ["changed"] and "90,000원" in life.notified[-1].text


def test_only_people_notified_of_the_correction_hear_that_it_is_undone(alice: Any, fine: Any) -> None:
    """Two people of one record: news to one of them may be none to the other."""
    life = Life()
    life.news()
    life.deliver()
    late = enrol(2)
    life.news(version=2, amount=70000)
    subscribe(late, fine, matched=False)
    Notice.objects.filter(stage__code="changed").update(not_before=life.now + timedelta(days=1))
    life.match()
    assert life.deliver() == ["issued"] and life.last_to(late) is not None
    life.news(version=3, amount=40000)
    assert life.deliver() == ["changed"] and life.notified[-1].citizen == late.pk
    check_truth(life, alice, late)


def test_an_event_that_was_not_notified_yet_is_notified_as_it_stands_and_as_no_correction(
    alice: Any, fine: Any
) -> None:
    _result_stage(fine)
    life = Life()
    life.news()
    life.deliver()
    life.news(version=2, event="result")
    life.news(version=3, event="result", amount=70000)
    assert life.deliver() == ["result"] and "70,000원" in life.notified[-1].text


def test_what_a_release_before_has_notified_is_not_known_and_is_corrected_as_before(alice: Any) -> None:
    life = Life()
    life.news()
    life.deliver()
    Notice.objects.update(told_digest=None)
    life.news(version=2, amount=70000)
    life.news(version=3, amount=40000)
    assert life.deliver() == ["changed"]
