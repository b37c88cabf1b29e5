"""Test that a feed whose people match no enrolled person is counted, shown and, from a number on, an alarm."""

from typing import Any

import pytest

from notifications.models import Alarm
from notifications.operations.strangers import Met, people_met, watch_strangers
from notifications.tasks import watch_feeds_of_strangers
from tests.notifications.cast import MORNING, enrol, ingest, make_data_type, make_feed, phone_of, record
from tests.subscriptions.admin.ninth_type import staff_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def feed() -> Any:
    enrol(1, make_data_type())
    return make_feed()


def named(person: int, name: str = "홍길동") -> dict[str, Any]:
    return record(subject={"name": name, "birth_date": "1960-01-02", "phone": phone_of(person)})


def alarms() -> list[str]:
    return list(Alarm.objects.filter(kind="feed_strangers").values_list("subject", flat=True))


def test_a_feed_whose_people_are_all_strangers_raises_an_alarm(feed: Any, settings: Any) -> None:
    ingest(*(named(1, "길동홍") for _ in range(5)), record(1))
    for alarm_from in (0, 6):
        settings.FEED_STRANGERS_ALARM = alarm_from
        watch_strangers(now=MORNING)
        assert alarms() == []
    settings.FEED_STRANGERS_ALARM = 5
    watch_feeds_of_strangers()
    assert alarms() == ["knpa-push person"]


def test_one_known_person_among_many_is_enough(feed: Any, settings: Any) -> None:
    settings.FEED_STRANGERS_ALARM = 5
    ingest(*(named(n) for n in range(1, 10)))
    watch_feeds_of_strangers()
    assert alarms() == []


def test_each_way_of_naming_people_counts_for_itself(feed: Any) -> None:
    ingest(record(1), record(2), named(2), named(3), record(1))
    ingest(record(9), feed=make_feed("other"))
    assert people_met(feed.pk) == [Met("ci", 3, 2), Met("person", 2, 0)]


def test_the_feeds_page_shows_the_counts(feed: Any) -> None:
    ingest(named(2), named(3))
    page = staff_client("operator").get(f"/admin/notifications/feed/{feed.pk}/change/").content.decode()
    assert "이름·생년월일·전화번호" in page
    assert "성 먼저" in page


def test_however_much_a_feed_has_brought_one_statement_looks_at_it(feed: Any, django_assert_num_queries: Any) -> None:
    ingest(*(named(n) for n in range(1, 50)))
    with django_assert_num_queries(1):
        met = people_met(feed.pk)
    assert [each.records for each in met] == [49]
