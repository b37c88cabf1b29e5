"""What is held back says so only while it may still be sent: what it waits for has not been decided otherwise."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from notifications.delivery.deliver import deliver_due
from notifications.matching.match import match_everything
from notifications.models import Notice
from subscriptions.enrolment.withdraw import withdraw
from tests.citizens.inbox.cast import arrive
from tests.citizens.inbox.conftest import Reader
from tests.notifications.cast import NIGHT, ingest, record
from tests.support.together import Cases

pytestmark = pytest.mark.django_db
WAITS = "기다립니다"
LATER = NIGHT + timedelta(minutes=5)


@pytest.fixture
def at_night(reader: Reader, time_machine: Any) -> Reader:
    time_machine.move_to(NIGHT, tick=False)
    reader.sign_in()
    return reader


def held(number: str) -> Notice:
    """A notice that waits for the morning."""
    [notice] = arrive(record(1, external_id=number), now=NIGHT)
    go(NIGHT)
    return notice


def go(now: datetime) -> None:
    """What workers do within seconds, without a wait: match what has come in, and look at what is due."""
    match_everything(now=now)
    assert deliver_due(now=lambda: now) == 0


def test_what_waits_for_the_morning_is_decided_anew_when_the_agency_changes_its_record(at_night: Reader) -> None:
    cases = Cases()
    for state, words in {
        "paid": "보낼 때에는 이미 납부되었거나 끝난 건이었습니다",
        "completed": "보낼 때에는 이미 납부되었거나 끝난 건이었습니다",
        "withdrawn": "보낼 때에는 기관이 이 건을 취소한 뒤였습니다",
    }.items():
        notice = held(f"F-{state}")
        with cases.case(state):
            assert "2026. 3. 11.(수) 오전 9:00까지 기다립니다" in at_night.notice(notice)
            ingest(record(1, external_id=f"F-{state}", version=2, state=state), now=LATER)
            go(LATER)
            page = at_night.notice(notice)
            assert WAITS not in page and "보내지 않았습니다" in page and words in page
    with cases.case("still news"):
        notice = held("F-open")
        ingest(record(1, external_id="F-open", version=2, fields={"amount": 41000}), now=LATER)
        go(LATER)
        assert "2026. 3. 11.(수) 오전 9:00까지 기다립니다" in at_night.notice(notice)
    cases.conclude()


def test_what_waits_of_a_kind_that_was_stopped_does_not_wait_any_more(at_night: Reader) -> None:
    notice = held("F-1")
    withdraw(citizen=at_night.alice, data_types=["traffic_fine"], actor="citizen", now=LATER)
    go(LATER)
    page = at_night.notice(notice)
    assert WAITS not in page and "이 종류의 알림을 받지 않기로 하신 뒤였습니다" in page
