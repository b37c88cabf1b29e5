"""Test the pages of hours, bundled notices, language and display, and taking a change back."""

import re
from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client

from subscriptions.models import Citizen, Consent, Subscription
from tests.subscriptions import cast
from tests.subscriptions.web.steps import answers, confirmed
from tests.support.present import present

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]


@pytest.fixture
def alice(client: Client, provider: Any, clock: Any) -> Citizen:
    citizen = cast.enrol(cast.person(1), ("kakaotalk", "sms"), "traffic_fine")
    confirmed(client, "/settings/sign-in/")
    return citizen


def words(page: Any) -> str:
    whole = re.sub(r'<span class="date">(.*?)</span>', r"\1", page.content.decode())
    return " ".join(re.sub(r"<[^>]*>", " ", whole).split())


def now(citizen: Citizen) -> Citizen:
    return Citizen.objects.get(pk=citizen.pk)


def live() -> set[str]:
    return set(Subscription.objects.filter(ended_at=None).values_list("data_type__code", flat=True))


def read_as(page: Any) -> tuple[str, str]:
    """The language and the class by which the page is shown."""
    found = present(re.search(r'<html lang="(\w+)" class="([^"]*)"', page.content.decode()))
    return found[1], found[2]


OWN_HOURS = [
    ({}, "필수"),
    ({"which": "own"}, "시각을 선택해 주세요"),
    ({"which": "own", "starts": "10:00", "ends": "10:00"}, "시작 시각보다 늦게"),
    ({"which": "own", "starts": "22:00", "ends": "07:00"}, "시작 시각보다 늦게"),
    ({"which": "rest", "starts": "10:00", "ends": "15:00"}, "자정을 지나도록"),
    ({"which": "rest", "starts": "09:00", "ends": "07:00"}, "3시간 이상"),
    ({"which": "rest", "starts": "21:00"}, "시각을 선택해 주세요"),
    ({"which": "own", "starts": "10:00", "ends": "12:00"}, "3시간 이상"),
    ({"which": "own", "starts": "05:00", "ends": "12:00"}, "올바르게 선택"),
    ({"which": "own", "starts": "10:30", "ends": "12:00"}, "올바르게 선택"),
]


def test_hours_that_would_keep_notices_away_are_refused_with_the_reason(client: Client, alice: Citizen) -> None:
    for posted, shown in OWN_HOURS:
        page = client.post("/settings/hours/", posted, follow=True)
        assert page.status_code == 200, posted
        assert 'class="error"' in page.content.decode(), posted
        assert now(alice).hours_from is None, posted
        assert shown in words(page) or shown in ("필수", "올바르게 선택"), (posted, words(page))


def test_what_counts_for_one_choice_only_says_so_and_is_not_called_optional(client: Client, alice: Citizen) -> None:
    hours, calm = words(client.get("/settings/hours/")), words(client.get("/settings/calm/"))
    assert "시작 시각 위에서 시간을 직접 고르실 때에만 쓰입니다." in hours and "끝나는 시각" in hours
    assert "모아 보내는 시각 모아서 받으실 때에만 쓰입니다." in calm
    assert "(선택)" not in hours and "(선택)" not in calm


def test_hours_are_shown_changed_taken_back_and_usual_again(client: Client, alice: Citizen) -> None:
    assert "오전 9:00부터 오후 8:00까지" in words(client.get("/settings/"))
    client.post("/settings/hours/", {"which": "own", "starts": "07:00", "ends": "00:00"})
    assert (now(alice).hours_from, now(alice).hours_to) == (time(7), time(0))
    page = words(client.get("/settings/"))
    assert "오전 7:00부터 자정까지" in page and "알림 받는 시간 . 오전 10:10까지 되돌리실 수 있습니다" in page
    client.post("/settings/undo/")
    assert now(alice).hours_from is None
    client.post("/settings/hours/", {"which": "own", "starts": "07:00", "ends": "00:00"})
    client.post("/settings/hours/", {"which": "usual", "starts": "07:00", "ends": "00:00"})
    assert now(alice).hours_from is None
    client.post("/settings/undo/")
    assert now(alice).hours_from == time(7)


def test_calm_mode_is_chosen_shown_and_taken_back(client: Client, alice: Citizen) -> None:
    client.post("/settings/calm/", {"calm": "weekly", "at": "18:00", "weekday": "5"})
    assert "일주일에 한 번 모아서 (금요일 오후 6:00)" in words(client.get("/settings/"))
    client.post("/settings/undo/")
    assert (now(alice).calm, now(alice).calm_at, now(alice).calm_weekday) == ("none", None, 1)
    page = client.post("/settings/calm/", {"calm": "hourly", "at": "18:00", "weekday": "5"}, follow=True)
    assert 'class="error"' in page.content.decode() and now(alice).calm == "none"


def test_language_and_display_follow_the_person_to_another_device_and_end_with_the_session(
    client: Client, alice: Citizen
) -> None:
    saved = client.post("/settings/reading/", {"language": "en", "text_size": "150", "contrast": "on"}, follow=True)
    assert read_as(saved) == ("en", "size-150 contrast")
    assert "Saved." in words(saved)
    other = Client()
    assert read_as(other.get("/")) == ("ko", "size-100")
    confirmed(other, "/settings/sign-in/")
    assert read_as(other.get("/")) == ("en", "size-150 contrast")
    other.post("/display/", {"text_size": "110", "next": "/"})  # the buttons of the header are kept as well
    assert now(alice).text_size == "110"
    other.post("/settings/sign-out/")
    assert read_as(other.get("/"))[0] == "ko"
    third = Client()
    third.cookies["django_language"] = "ko"  # what a device has chosen stays there
    confirmed(third, "/settings/sign-in/")
    assert read_as(third.get("/")) == ("ko", "size-110 contrast")


def test_a_button_of_the_header_sets_the_forms_choice_and_keeps_the_others(client: Client, alice: Citizen) -> None:
    """The person saves the form afterwards: that does not take back what the button did."""
    form = {"language": "en", "text_size": "100", "contrast": "off"}
    for button, name, value in (("set-size", "text_size", "150"), ("set-contrast", "contrast", "on")):
        page = client.post("/settings/reading/", form | {button: value}).content.decode()
        form[name] = value
        for each, chosen in form.items():
            assert re.search(rf'name="{each}" value="{chosen}"[^>]* checked', page), (button, each)
    assert now(alice).language == "ko"


def test_a_visitors_display_is_kept_by_no_person(client: Client, alice: Citizen) -> None:
    visitor = Client()
    visitor.post("/display/", {"contrast": "on", "next": "/"})
    assert read_as(visitor.get("/")) == ("ko", "size-100 contrast")
    assert now(alice).contrast is None


def test_every_change_can_be_taken_back_for_ten_minutes_and_is_what_it_was(
    client: Client, alice: Citizen, clock: Any
) -> None:
    def channels() -> list[str]:
        return list(alice.channels.values_list("channel", flat=True))

    client.post("/settings/channels/", {"channel": ["naver"]})
    client.post("/settings/undo/")
    assert channels() == ["kakaotalk", "sms"]
    client.post("/settings/end/traffic_fine/")
    client.post("/settings/undo/")
    assert live() == {"traffic_fine"}
    client.post("/settings/more/", {"health": ["health_checkup"]})
    client.post("/settings/more/consent/", answers("health_checkup"))
    client.post("/settings/undo/")
    assert live() == {"traffic_fine"}
    client.post("/settings/end/")
    client.post("/settings/undo/")
    assert live() == {"traffic_fine"}
    standing = Consent.objects.filter(withdrawn_at=None).values_list("text__code", flat=True)
    assert sorted(standing) == ["service", "traffic_fine"]
    client.post("/settings/channels/", {"channel": ["naver"]})
    clock.shift(timedelta(minutes=10, seconds=1))
    assert "되돌리기" not in words(client.get("/settings/"))
    assert "더 이상 되돌릴 내용이 없습니다" in words(client.post("/settings/undo/", follow=True))
    assert channels() == ["naver"]


def test_a_change_is_not_taken_back_over_a_newer_one_nor_over_a_changed_text_nor_by_another_person(
    client: Client, alice: Citizen, provider: Any
) -> None:
    other = Client()
    confirmed(other, "/settings/sign-in/")
    client.post("/settings/channels/", {"channel": ["naver"]})
    other.post("/settings/channels/", {"channel": ["sms"]})
    assert "그사이 다시 바뀌어" in words(client.post("/settings/undo/", follow=True))
    assert list(alice.channels.values_list("channel", flat=True)) == ["sms"]

    client.post("/settings/end/traffic_fine/")
    version = present(cast.DataType.objects.get(code="traffic_fine").live_version)
    version.consent_text = cast.consent_text("traffic_fine", number=2)
    version.save()
    assert "그사이 바뀌었습니다" in words(client.post("/settings/undo/", follow=True))
    assert live() == set()

    provider.people["+821000000002"] = cast.person(2)
    cast.enrol(cast.person(2), ("kakaotalk",), "health_checkup")
    client.post("/settings/channels/", {"channel": ["naver"]})
    confirmed(client, "/settings/sign-in/", phone="010-0000-0002")
    assert "더 이상 되돌릴 내용이 없습니다" in words(client.post("/settings/undo/", follow=True))
    assert list(alice.channels.values_list("channel", flat=True)) == ["naver"]


def test_the_session_says_nothing_in_clear_of_what_was_chosen(client: Client, alice: Citizen) -> None:
    client.post("/settings/channels/", {"channel": ["naver"]})
    assert "naver" not in str(dict(client.session))


def test_the_limits_of_own_hours(client: Client, alice: Citizen, settings: Any) -> None:
    settings.HOURS_EARLIEST, settings.HOURS_LATEST, settings.HOURS_AT_LEAST = time(8), time(22), 6
    for starts, ends, is_fine in [
        ("07:00", "20:00", False),
        ("08:00", "23:00", False),
        ("08:00", "00:00", False),
        ("08:00", "13:00", False),
        ("08:00", "22:00", True),
    ]:
        client.post("/settings/hours/", {"which": "own", "starts": starts, "ends": ends})
        assert (now(alice).hours_to == time(22)) is is_fine, (starts, ends)


def test_undo_minutes(client: Client, alice: Citizen, clock: Any, settings: Any) -> None:
    settings.UNDO_MINUTES = 3
    client.post("/settings/channels/", {"channel": ["naver"]})
    assert "오전 10:03까지" in words(client.get("/settings/"))
    clock.shift(timedelta(minutes=3, seconds=1))
    client.post("/settings/undo/")
    assert list(alice.channels.values_list("channel", flat=True)) == ["naver"]
