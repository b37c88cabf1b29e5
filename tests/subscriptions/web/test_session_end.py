"""The 30 minutes of a sign-in or a sign-up end loudly, can be extended without a script, and lose nothing."""

import re
from typing import Any

import pytest
from django.test import Client

from subscriptions.models import Citizen
from tests.subscriptions import cast
from tests.subscriptions.web.steps import CHANNELS, TYPES, answers, confirmed, until_check

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "provider", "clock")]
SIGN_IN = "/settings/sign-in/"
MINUTE = 60


def words(answer: Any) -> str:
    unbroken = re.sub(r"</?(?:span|strong)[^>]*>", "", answer.content.decode())
    return " ".join(re.sub(r"<[^>]+>", " ", unbroken).split())


def checked(answer: Any) -> set[str]:
    """The values of what is ticked on a page."""
    boxes = [box for box in re.findall(r"<input[^>]+>", answer.content.decode()) if "checked" in box]
    return {value for box in boxes for value in re.findall(r'value="([^"]+)"', box)}


def test_every_page_says_until_when_and_the_button_extends_it(client: Client, clock: Any) -> None:
    cast.enrol(cast.person(1))
    confirmed(client, SIGN_IN)
    for page in ("/settings/", "/settings/more/", "/settings/end/", "/"):
        assert "오전 10:30까지 로그인되어 있습니다" in words(client.get(page)), page
        assert "30분 더" in words(client.get(page)), page
    clock.shift(20 * MINUTE)
    assert 'class="session-end timed m10 t0"' in client.get("/settings/").content.decode()
    clock.shift(8 * MINUTE + 1)  # a browser without scripts reads it on each page that it opens from now on
    late = client.get("/settings/")
    assert 'class="session-end timed m2 t0 soon"' in late.content.decode() and "2분이 채 남지 않았습니다" in words(late)
    clock.shift(-8 * MINUTE - 1)
    assert client.post("/display/", {"more_time": "more", "next": "/settings/"})["Location"] == "/settings/"
    assert "오전 10:50까지 로그인되어 있습니다" in words(client.get("/settings/"))
    assert "까지 로그인되어" not in words(Client().get("/"))


def test_the_button_gives_thirty_minutes_more_and_keeps_what_was_typed(
    client: Client, clock: Any, settings: Any
) -> None:
    """As a browser sends it: the button belongs to the form of the page."""
    confirmed(client)
    clock.shift(29 * MINUTE)
    page = client.post("/sign-up/data-types/", {"traffic": ["traffic_fine"], "set-time": "more"})
    assert page["Location"] == "/sign-up/channels/"  # a step that is not open yet
    client.post("/sign-up/channels/", CHANNELS)
    page = client.post("/sign-up/data-types/", {"traffic": ["traffic_fine"], "set-time": "more"})
    assert page.status_code == 200 and "오전 10:59까지 마치실 수 있습니다" in words(page)
    assert checked(page) == {"traffic_fine"} and "다음을 확인해 주세요" not in words(page)
    clock.shift(20 * MINUTE)
    assert client.get("/sign-up/data-types/").status_code == 200
    assert not checked(client.get("/sign-up/data-types/"))  # nothing was stored
    settings.CITIZEN_SESSION_HOURS = 1
    cast.enrol(cast.person(1))
    confirmed(client, SIGN_IN)
    ends = []
    for _ in range(3):
        clock.shift(25 * MINUTE)
        client.post("/display/", {"more_time": "more", "next": "/"})
        ends += re.findall(r"오전 [0-9:]+(?=까지 로그인)", words(client.get("/")))
    assert ends == ["오전 11:44", "오전 11:49"]  # an hour after signing in, it is over


def test_text_size_contrast_and_language_keep_what_was_typed(client: Client) -> None:
    typed = {"name": "홍길", "phone": "010-0000", "carrier": "KT", "identity_number": "850314"}
    for button, sign in (
        ({"set-size": "150"}, 'class="size-150"'),
        ({"set-contrast": "on"}, 'class="size-150 contrast"'),
        ({"set-language": "en"}, '<html lang="en"'),
    ):
        page = client.post("/sign-up/", typed | button)
        text = page.content.decode()
        assert page.status_code == 200 and sign in text, button
        for value in ("홍길", "010-0000", "850314"):
            assert f'value="{value}"' in text, (button, value)
        assert checked(page) == {"KT"} and "error-summary" not in text
        assert sign in client.get("/sign-up/").content.decode(), button
    assert "850314" not in str(dict(client.session)) and "홍길" not in str(dict(client.session))
    forged = Client(enforce_csrf_checks=True).post("/sign-up/", typed | {"set-size": "150"})
    assert forged.status_code == 403  # no other site fills in a form here


def test_what_was_typed_when_the_sign_in_was_over_is_there_again_for_its_person_only(
    client: Client, clock: Any
) -> None:
    cast.enrol(cast.person(1), ("kakaotalk",), "traffic_fine")
    cast.enrol(cast.person(2), ("kakaotalk",), "traffic_fine")

    def typed_too_late() -> None:
        confirmed(client, SIGN_IN)
        clock.shift(31 * MINUTE)
        assert client.post("/settings/more/", {"health": ["health_checkup"]})["Location"] == "/sign-in/"
        assert "health_checkup" not in str(dict(client.session))  # encrypted

    typed_too_late()
    assert confirmed(client, SIGN_IN)["Location"] == "/settings/more/"
    page = client.get("/settings/more/")
    assert checked(page) == {"health_checkup"}
    assert "아직 저장되지 않았으니" in words(page) and "error-summary" not in page.content.decode()
    assert not checked(client.get("/settings/more/"))  # once
    typed_too_late()
    confirmed(client, SIGN_IN, phone="010-0000-0002")
    assert not checked(client.get("/settings/more/"))


def test_a_button_of_the_header_pressed_too_late_keeps_what_was_typed_too(client: Client, clock: Any) -> None:
    cast.enrol(cast.person(1), ("kakaotalk",), "traffic_fine")
    confirmed(client, SIGN_IN)
    clock.shift(31 * MINUTE)
    page = client.post("/settings/more/", {"health": ["health_checkup"], "set-size": "150"})
    assert page["Location"] == "/sign-in/"
    assert confirmed(client, SIGN_IN)["Location"] == "/settings/more/"
    assert checked(client.get("/settings/more/")) == {"health_checkup"}


def test_answers_outlive_the_thirty_minutes_and_are_kept_for_their_person_only(
    client: Client, clock: Any, settings: Any
) -> None:
    settings.DRAFT_KEPT_MINUTES = 90
    until_check(client)
    assert client.cookies["session"]["max-age"] == 90 * MINUTE
    clock.shift(31 * MINUTE)
    again = client.post("/sign-up/data-types/", {"traffic": ["traffic_fine"]}, follow=True)
    assert "고르신 내용은 그대로 있습니다" in words(again) and again.redirect_chain[-1][0] == "/sign-up/"
    assert not Citizen.objects.exists()
    assert confirmed(client)["Location"] == "/sign-up/check/"
    assert checked(client.get("/sign-up/data-types/")) == {"traffic_fine"}  # as typed last
    assert "health_checkup 알림" in words(client.get("/sign-up/check/"))  # as stored
    clock.shift(31 * MINUTE)
    client.get("/sign-up/check/")
    assert confirmed(client, phone="010-0000-0002")["Location"] == "/sign-up/channels/"
    assert not checked(client.get("/sign-up/data-types/"))


def test_a_step_back_keeps_what_was_typed_and_chosen(client: Client) -> None:
    confirmed(client)
    client.post("/sign-up/channels/", CHANNELS)
    assert client.post("/sign-up/data-types/", TYPES | {"go-back": "1"})["Location"] == "/sign-up/channels/"
    assert "kakaotalk" in checked(client.get("/sign-up/channels/"))
    assert client.post("/sign-up/channels/", CHANNELS)["Location"] == "/sign-up/data-types/"
    assert checked(client.get("/sign-up/data-types/")) == {"traffic_fine", "health_checkup"}
    client.post("/sign-up/data-types/", TYPES)
    page = client.post("/sign-up/consent/", answers("traffic_fine") | {"go-back": "1"})
    assert page["Location"] == "/sign-up/data-types/"
    client.post("/sign-up/data-types/", TYPES)
    assert checked(client.get("/sign-up/consent/")) == {"yes"}
    assert client.post("/sign-up/channels/", {"go-back": "1"})["Location"] == "/sign-up/"
    first = words(client.get("/sign-up/"))
    assert "본인확인을 마쳤습니다" in first and "홍*동" in first and "010-****-0001" in first
    other = Client()
    other.post("/sign-up/", {"name": "홍길동", "phone": "01000000001", "carrier": "KT", "identity_number": "8503141"})
    assert other.post("/sign-up/code/", {"go-back": "1"})["Location"] == "/sign-up/"
    details = other.get("/sign-up/").content.decode()  # a correction begins with what was typed
    assert 'value="홍길동"' in details and 'value="010-0000-0001"' in details and "8503141" not in details
    assert checked(other.get("/sign-up/")) == {"KT"}
