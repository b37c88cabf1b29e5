"""Test a person with two windows: only the answers that the check page showed are stored, or the person sees the
difference first."""

import re
from typing import Any

import pytest
from django.test import Client

from subscriptions.models import Citizen, Subscription
from subscriptions.web.shown import Shown
from tests.subscriptions import cast
from tests.subscriptions.web.steps import CHANNELS, TYPES, answers, confirmed, until_check
from tests.support.browser_forms import FormReader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "provider")]
CHECK = "/sign-up/check/"
OTHER_ORDER = {"channel": ["naver"]}


def shown_by(client: Any) -> Any:
    """Return the data that the form of the check page posts."""
    [form] = [form for form in FormReader(client.get(CHECK).content.decode()).forms if "shown" in form.names]
    return form.values


def words(page: Any) -> Any:
    main = page.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def channels() -> Any:
    return list(Citizen.objects.get().channels.values_list("channel", flat=True))


def test_another_order_of_channels_is_shown_and_asked_about(client: Client) -> None:
    until_check(client)
    first_window = shown_by(client)
    client.post("/sign-up/channels/", OTHER_ORDER)
    assert client.post(CHECK, first_window)["Location"] == CHECK  # the way back asks to send nothing again
    page = client.get(CHECK)
    assert "아직 저장하지 않았습니다" in words(page)
    assert "네이버 앞서 보신 내용: 카카오톡 → 문자메시지" in words(page)
    assert not Citizen.objects.exists()
    client.post(CHECK, shown_by(client))
    assert channels() == ["naver"]


def test_other_kinds_of_notice_too(client: Client) -> None:
    until_check(client)
    first_window = shown_by(client)
    client.post("/sign-up/data-types/", {"traffic": ["traffic_fine"]})
    page = client.post(CHECK, first_window, follow=True)
    assert "앞서 보신 내용: health_checkup 알림, traffic_fine 알림" in words(page)
    assert not Subscription.objects.exists()


def test_a_consent_taken_back_too(client: Client) -> None:
    until_check(client)
    first_window = shown_by(client)
    client.post("/sign-up/consent/", answers("traffic_fine", "health_checkup", health_checkup=True))
    assert client.post(CHECK, first_window)["Location"] == CHECK
    assert not Subscription.objects.exists()


def test_another_person_on_the_same_computer_too(client: Client) -> None:
    until_check(client)
    first_window = shown_by(client)
    until_check(client, phone="010-0000-0002", name="이샘플")
    page = client.post(CHECK, first_window, follow=True)
    assert "앞서 보신 분과 다른 분입니다" in words(page)
    assert not Citizen.objects.exists()


def test_where_nothing_changed_it_is_stored(client: Client) -> None:
    until_check(client)
    first_window = shown_by(client)
    client.post("/sign-up/channels/", OTHER_ORDER)
    client.post("/sign-up/channels/", CHANNELS)
    assert client.post(CHECK, first_window)["Location"] == "/sign-up/done/"
    assert channels() == ["kakaotalk", "sms"]


def test_what_the_second_window_confirms_first_is_not_shown_as_what_the_first_showed(client: Client) -> None:
    until_check(client)
    first_window = shown_by(client)
    client.post("/sign-up/channels/", OTHER_ORDER)
    client.post(CHECK, shown_by(client))
    answer = client.post(CHECK, first_window, follow=True)
    assert "방금 확인하신 내용은 저장하지 않았습니다" in words(answer)
    assert channels() == ["naver"]


def test_the_button_pressed_twice_says_nothing_of_the_kind(client: Client) -> None:
    until_check(client)
    posted = shown_by(client)
    client.post(CHECK, posted)
    assert "저장하지 않았습니다" not in words(client.post(CHECK, posted, follow=True))


def test_a_page_of_other_origin_shows_nothing(client: Client) -> None:
    until_check(client)
    forged = Shown("", ["naver"], [], []).sealed()[:-1] + "x"
    assert client.post(CHECK, {"shown": forged})["Location"] == "/sign-up/done/"
    assert channels() == ["kakaotalk", "sms"]


def test_the_page_carries_nothing_personal(client: Client) -> None:
    until_check(client)
    [sealed] = shown_by(client)["shown"]
    assert not {"홍길동", cast.person(1).ci, "0000-0001"} & {sealed}


def test_the_consent_page_is_answered_for_the_kinds_that_it_showed(client: Client) -> None:
    confirmed(client)
    client.post("/sign-up/channels/", CHANNELS)
    client.post("/sign-up/data-types/", TYPES)
    page = client.get("/sign-up/consent/").content.decode()
    [first_window] = [form.values for form in FormReader(page).forms if "asked" in form.names]
    client.post("/sign-up/data-types/", {"traffic": ["traffic_fine"]})
    answered = first_window | answers("traffic_fine", "health_checkup")
    answer = client.post("/sign-up/consent/", answered, follow=True)
    assert "그사이 다른 창에서 알림 종류를 바꾸셨습니다" in words(answer)


@pytest.mark.parametrize("step", ["channels", "data-types", "consent", "check"])
def test_a_step_of_a_window_whose_sign_up_is_gone_says_that_nothing_was_stored(client: Client, step: Any) -> None:
    until_check(client)
    cast.enrol(cast.person(1))
    confirmed(client, "/settings/sign-in/")
    answer = client.post(f"/sign-up/{step}/", OTHER_ORDER, follow=True)
    assert "방금 고르신 내용은 저장하지 않았습니다" in words(answer)
