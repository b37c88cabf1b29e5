"""The feed: read back by three libraries, its secret address, and what calendars keep of it."""

import logging
from datetime import date, timedelta
from typing import Any

import ics
import pytest
import vobject
from django.conf import settings as project
from icalendar import Calendar

from citizens.models import CalendarEntry, CalendarFeed
from notifications.matching.match import match_everything
from notifications.models import Notice, Record
from secretary.kernel.logs import PersonalDataFilter
from secretary.kernel.time.clock import now as clock_now
from tests.citizens.calendar.conftest import Owner, correct, make_vaccination
from tests.notifications.cast import MORNING, ingest, make_feed, record
from tests.support.present import present

pytestmark = pytest.mark.django_db
SEQUENCE = "SEQUENCE"


def test_three_libraries_read_the_same_whole_days(owner: Owner) -> None:
    owner.alice.language = "en"
    owner.alice.save()
    content = owner.read().content
    text = content.decode()
    first = {(str(event["summary"]), event.decoded("dtstart")) for event in Calendar.from_ical(content).walk("VEVENT")}
    second = {(event.name, event.begin.date()) for event in ics.Calendar(text).events}
    third = {(event.summary.value, event.dtstart.value) for event in vobject.readOne(text).vevent_list}
    assert first == second == third
    assert first == {("Traffic fine: Reduction ends", date(2026, 3, 20)), ("Traffic fine: Due", date(2026, 4, 2))}
    assert all(event.all_day for event in ics.Calendar(text).events)


def test_three_libraries_read_the_same_change_and_cancellation(owner: Owner) -> None:
    owner.read()
    ingest(record(1, external_id="F", version=2, fields={"due_on": "2026-04-09"}))
    text = owner.read().content.decode()
    events: list[Any] = Calendar.from_ical(text).walk("VEVENT")
    first = {
        (str(each["uid"]), str(each.decoded("dtstart")), str(each["status"]), int(each["sequence"])) for each in events
    }
    second = {
        (
            each.uid,
            str(each.begin.date()),
            each.status,
            *(int(line.value) for line in each.extra if line.name == SEQUENCE),
        )
        for each in ics.Calendar(text).events
    }
    third = {
        (each.uid.value, str(each.dtstart.value), each.status.value, int(each.sequence.value))
        for each in vobject.readOne(text).vevent_list
    }
    assert first == second == third
    assert {(day, status) for _uid, day, status, _count in first} == {
        ("2026-04-09", "CONFIRMED"),
        ("2026-03-20", "CANCELLED"),
    }


def test_the_form_is_that_of_the_standard(owner: Owner) -> None:
    """RFC 5545: CRLF, at most 75 octets a line, VALUE=DATE; 7986: NAME and REFRESH-INTERVAL. The words are escaped."""
    name = "범칙금, 과태료; 그리고 \\ 아주 긴 이름의 행정정보 종류입니다 정말로 긴 이름입니다"
    version = present(owner.fine.live_version)
    version.name_ko = name
    version.save()
    content = owner.read().content
    assert content.endswith(b"END:VCALENDAR\r\n") and b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    for line in (b"METHOD:PUBLISH", b"DTSTART;VALUE=DATE:20260402", b"REFRESH-INTERVAL;VALUE=DURATION:PT12H", b"NAME:"):
        assert b"\r\n" + line in content, line
    plain = content.replace(b"\r\n ", b"").decode()
    assert "범칙금\\, 과태료\\; 그리고 \\\\ 아주" in plain
    assert {event.summary.value.split(":")[0] for event in vobject.readOne(content.decode()).vevent_list} == {name}


def test_a_day_that_moves_is_the_same_event_with_a_later_sequence(owner: Owner) -> None:
    before = owner.events()["due_on"]["uid"]
    assert owner.entries() == {
        "reduction_ends_on": ("2026-03-20", "CONFIRMED", 0), "due_on": ("2026-04-02", "CONFIRMED", 0)
    }  # fmt: skip
    correct(version=2, fields={"due_on": "2026-04-09"})
    assert owner.entries()["due_on"] == ("2026-04-09", "CONFIRMED", 1)
    assert owner.entries()["reduction_ends_on"] == ("2026-03-20", "CONFIRMED", 0)
    assert owner.events()["due_on"]["uid"] == before
    correct(version=3, fields={"due_on": "2026-04-02"})
    assert owner.entries()["due_on"] == ("2026-04-02", "CONFIRMED", 2)


def test_a_day_that_does_not_apply_any_more_is_cancelled_for_a_while(owner: Owner, clock: Any) -> None:
    owner.read()
    correct(version=2, state="paid")
    gone = {"reduction_ends_on": ("2026-03-20", "CANCELLED", 1), "due_on": ("2026-04-02", "CANCELLED", 1)}
    assert owner.entries() == gone
    assert "신호위반" not in owner.read().content.decode() and "교통과태료" not in owner.read().content.decode()
    clock.shift(timedelta(days=project.CALENDAR_CANCELLED_DAYS) - timedelta(minutes=1))
    assert owner.entries() == gone
    clock.shift(timedelta(minutes=1))
    assert owner.entries() == {} and not CalendarEntry.objects.exists()


def test_a_day_that_comes_back_is_confirmed_again(owner: Owner) -> None:
    owner.read()
    correct(version=2, state="paid")
    owner.read()
    correct(version=3, state="open")
    assert owner.entries()["due_on"] == ("2026-04-02", "CONFIRMED", 2)


def test_a_day_that_is_over_is_not_cancelled(owner: Owner, clock: Any) -> None:
    owner.read()
    clock.shift(timedelta(days=10))  # 20 March
    assert owner.entries()["reduction_ends_on"] == ("2026-03-20", "CONFIRMED", 0)
    clock.shift(timedelta(days=1))
    assert set(owner.entries()) == {"due_on"}


def test_a_record_that_became_another_persons_and_a_kind_that_was_stopped_are_cancelled(owner: Owner) -> None:
    owner.read()
    correct(version=2, subject={"ci": f"{2:086d}=="})
    assert {status for _day, status, _sequence in owner.entries().values()} == {"CANCELLED"}
    correct(version=3)
    assert {status for _day, status, _sequence in owner.entries().values()} == {"CONFIRMED"}
    owner.client.post("/settings/end/traffic_fine/")
    assert {status for _day, status, _sequence in owner.entries().values()} == {"CANCELLED"}


def test_while_a_record_cannot_be_read_nothing_is_cancelled(owner: Owner, settings: Any) -> None:
    owner.read()
    Record.objects.update(payload_encrypted=b"\1k9\0" + b"0" * 40)
    assert owner.read().status_code == 503
    assert not CalendarEntry.objects.exclude(gone_at=None).exists()
    assert "읽을 수 없는" in owner.page()


def test_it_says_no_more_than_a_locked_phone_may_show(owner: Owner) -> None:
    kind = make_vaccination(owner)
    hearing = {"fields": {"hearing_at": "2026-03-25T14:00:00+09:00", "plate": "12가3456"}}
    ingest(record(1, external_id="G", **hearing))
    feed = make_feed("kdca-push", "kdca")
    ingest(record(1, external_id="V", data_type="vaccination", **hearing), feed=feed)
    text = owner.read().content.replace(b"\r\n ", b"").decode()
    for private in ("신호위반", "12가3456", "40,000", "40000", "홍길동", "0001"):
        assert private not in text, private
    hours = [
        (str(event["summary"]), str(event.get("description", "")))
        for event in Calendar.from_ical(owner.read().content).walk("VEVENT")
        if event.decoded("dtstart") == date(2026, 3, 25)
    ]
    assert sorted(hours) == [("교통과태료: 출석일시", "오후 2:00"), ("예방접종: 출석일시", "")], kind


def test_an_address_is_kept_only_as_a_hash(owner: Owner) -> None:
    token = owner.make().rpartition("/")[2].removesuffix(".ics")
    assert len(token) >= 43  # 256 bits
    feed = CalendarFeed.objects.get()
    kept = bytes(present(feed.token_hash))
    assert token.encode() not in kept and len(kept) == 32


def test_a_renewed_or_revoked_address_is_not_there(owner: Owner) -> None:
    first = owner.make()
    assert owner.read().status_code == 200
    second = owner.make()
    assert (owner.calendar.get(first).status_code, owner.calendar.get(second).status_code) == (404, 200)
    owner.client.post("/year/calendar/", {"revoke": ""})
    assert owner.calendar.get(second).status_code == 404
    page = owner.page("/year/calendar/")
    assert "주소 만들기" in page and "주소를 없앴습니다" in page
    for other in ("x", "A" * 43, "A" * 400):
        assert owner.calendar.get(f"/year/feed/{other}.ics").status_code == 404


def test_who_has_left_has_no_feed(owner: Owner) -> None:
    owner.make()
    type(owner.alice).objects.filter(pk=owner.alice.pk).update(state="erased")
    assert owner.read().status_code == 404


def test_making_an_address_needs_a_sign_in_and_reading_needs_none_and_leaves_no_session(owner: Owner) -> None:
    assert owner.calendar.post("/year/calendar/", {"make": ""}).status_code == 302
    assert not CalendarFeed.objects.exists()
    owner.make()
    assert not owner.read().cookies


def test_a_feed_says_when_to_come_again_and_is_sent_again_only_if_it_changed(owner: Owner, settings: Any) -> None:
    settings.CALENDAR_REFRESH_HOURS = 5
    first = owner.read()
    assert first["Cache-Control"] == "private, no-cache" and b"PT5H" in first.content
    same = owner.read(headers={"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    correct(version=2, fields={"due_on": "2026-04-09"})
    other = owner.read(headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200 and other["ETag"] != first["ETag"]


def test_one_feed_is_read_so_often_in_an_hour(owner: Owner, settings: Any, clock: Any) -> None:
    settings.ATTEMPT_LIMITS = {**settings.ATTEMPT_LIMITS, "calendar_read": (2, 3600)}
    assert [owner.read().status_code for _ in range(3)] == [200, 200, 429]
    assert owner.read()["Retry-After"] == "3600"
    clock.shift(3600)
    assert owner.read().status_code == 200


def test_no_log_has_the_address(owner: Owner) -> None:
    path = owner.make()
    line = logging.LogRecord("django.request", logging.ERROR, "", 0, "Internal Server Error: %s", (path,), None)
    assert PersonalDataFilter().filter(line)
    assert line.getMessage() == "Internal Server Error: /year/feed/[secret]"


def test_reading_takes_few_statements(owner: Owner, django_assert_max_num_queries: Any) -> None:
    owner.read()
    with django_assert_max_num_queries(7):
        answer = owner.read()
    assert answer.status_code == 200 and b"BEGIN:VEVENT" in answer.content


def test_a_feed_of_the_morning_is_dated_then(owner: Owner, clock: Any) -> None:
    """DTSTAMP is when the event last changed, so that the same feed is the same bytes."""
    first = owner.read().content
    clock.shift(timedelta(hours=1))
    assert owner.read().content == first and f"DTSTAMP:{MORNING:%Y%m%dT%H%M%SZ}".encode() in first


def test_a_notices_file_and_the_feed_say_the_same_and_count_the_same_changes(owner: Owner, clock: Any) -> None:
    """RFC 5546 §2.1.5: of two statements about one UID a calendar keeps that of the greater SEQUENCE."""
    make_vaccination(owner)
    hearing = "2026-03-25T14:00:00+09:00"
    feed = make_feed("kdca-push", "kdca")
    ingest(record(1, external_id="V", data_type="vaccination", fields={"hearing_at": hearing}), feed=feed)
    match_everything(now=clock_now())
    notices = [Notice.objects.get(record__external_id=each).pk for each in ("F", "V")]
    fine, counted = Record.objects.get(external_id="F").pk, list[int]()
    for day in ("2026-04-02", "2026-04-09", "2026-04-02"):
        correct(version=len(counted) + 2, fields={"due_on": day})
        for is_feed in (True, False):
            clock.shift(timedelta(minutes=1))
            answer = owner.read() if is_feed else owner.client.get(f"/inbox/{notices[0]}/days.ics")
            found: dict[str, Any] = {
                str(each["uid"]): each for each in Calendar.from_ical(answer.content).walk("VEVENT")
            }
            due = found[f"record-{fine}-due_on@public-secretary"]
            assert str(due["dtstart"].dt) == day
            counted.append(int(due["sequence"]))
    assert counted == sorted(counted) and len(set(counted)) == len(counted)
    both = [owner.read().content, *(owner.client.get(f"/inbox/{notice}/days.ics").content for notice in notices)]
    words = [
        {str(each["uid"]): (str(each["summary"]), str(each.get("description", ""))) for each in calendar.walk("VEVENT")}
        for calendar in map(Calendar.from_ical, both)
    ]
    assert words[0] == words[1] | words[2] and ("예방접종: 출석일시", "") in words[2].values()
