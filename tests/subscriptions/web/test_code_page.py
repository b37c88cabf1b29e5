"""Test the page for the code: its form always posts to itself, and it gives the reason of a refused code."""

import base64
import json
import re
from typing import Any

import pytest
from django.test import Client, RequestFactory
from time_machine import TimeMachineFixture

from secretary.kernel.secrets.encryption import encrypt_text
from subscriptions.identity.contract import IdentityRefused
from subscriptions.web.session import draft as drafts
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import CODE, FakeProvider
from tests.subscriptions.web.steps import CHANNELS, DETAILS, confirmed, identify
from tests.support.browser_forms import FormReader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "provider", "clock")]
WAYS = pytest.mark.parametrize("way", ["/sign-up/", "/settings/sign-in/"])
WRONG = {"code": "000000"}


def words(page: Any) -> Any:
    """The main part as one line, without its tags and spaces."""
    main = page.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", main))


def form_of(page: Any, name: Any) -> Any:
    """The form that has a field of this name."""
    return next(form for form in FormReader(page.content.decode()).forms if name in form.names)


def filled_in(client: Any, page: Any, code: Any) -> Any:
    """Post the page's own form as a browser does: to its action, with its hidden fields."""
    form = form_of(page, "code")
    return client.post(form.action or page.request["PATH_INFO"], form.values | {"code": code})


@WAYS
def test_asking_too_soon_for_another_leaves_a_form_that_takes_the_code(client: Client, way: Any) -> None:
    identify(client, way)
    page = client.post(f"{way}code/again/", follow=True)
    assert "오전 10:00:30부터 다시 받으실 수 있습니다" in words(page)
    assert filled_in(client, page, CODE)["Location"] != f"{way}code/"
    assert "draft" not in client.session or client.get("/sign-up/channels/").status_code == 200


@WAYS
def test_so_does_an_outage_while_another_is_asked_for(
    client: Client, way: Any, provider: FakeProvider, clock: TimeMachineFixture
) -> None:
    identify(client, way)
    clock.shift(31)
    provider.fails = IdentityRefused("too_many")
    page = client.post(f"{way}code/again/", follow=True)
    provider.fails = None
    assert form_of(page, "code").action == f"{way}code/"
    assert filled_in(client, page, CODE).status_code == 302


@WAYS
def test_the_address_of_again_shows_the_page_when_it_is_read(client: Client, way: Any) -> None:
    """A change of the language or text size comes back to the address at which it was made."""
    identify(client, way)
    assert client.get(f"{way}code/again/")["Location"] == f"{way}code/"


def test_the_page_says_until_when_the_code_counts(client: Client) -> None:
    identify(client)
    assert "오전 10:03:00까지 입력해 주세요" in words(client.get("/sign-up/code/"))


def test_a_phone_offers_the_code_that_has_arrived_and_shows_its_digits(client: Client) -> None:
    identify(client)
    other = Client()
    other.post("/sign-in/", {"phone": "010-0000-0001"})
    for page in (client.get("/sign-up/code/"), other.get("/sign-in/code/")):
        [field] = re.findall(r'<input[^>]* name="code"[^>]*>', page.content.decode())
        assert 'autocomplete="one-time-code"' in field and 'inputmode="numeric"' in field, field


@WAYS
def test_after_the_codes_time_only_a_new_one_is_offered(client: Client, way: Any, clock: TimeMachineFixture) -> None:
    identify(client, way)
    clock.shift(181)
    for page in (
        client.get(f"{way}code/"),
        *(client.post(f"{way}code/", code, follow=True) for code in ({"code": CODE}, {})),
    ):
        assert "입력 시간(3분)이 오전 10:03:00에 끝났습니다. 새 인증번호를 받아 주세요" in words(page)
        assert 'id="id_code"' not in page.content.decode()
    client.post(f"{way}code/again/")
    assert "오전 10:06:01까지" in words(client.get(f"{way}code/"))
    assert client.post(f"{way}code/", {"code": CODE})["Location"] in ("/sign-up/channels/", "/settings/")


@WAYS
def test_after_five_wrong_ones_the_right_one_is_not_called_wrong(
    client: Client, way: Any, clock: TimeMachineFixture
) -> None:
    identify(client, way)
    seen = [words(client.post(f"{way}code/", WRONG, follow=True)) for _ in range(5)]
    assert ["앞으로 4번 더" in seen[0], "앞으로 1번 더" in seen[3]] == [True, True]
    for page in (
        seen[4],
        words(client.get(f"{way}code/")),
        words(client.post(f"{way}code/", {"code": CODE}, follow=True)),
    ):
        assert "인증번호를 5번 잘못 입력하셔서 이 인증번호는 더 이상 쓸 수 없습니다" in page
        assert "다릅니다" not in page
    clock.shift(31)
    client.post(f"{way}code/again/")
    assert client.post(f"{way}code/", {"code": CODE})["Location"] in ("/sign-up/channels/", "/settings/")


def test_a_dead_code_is_not_asked_about(client: Client, provider: FakeProvider, clock: TimeMachineFixture) -> None:
    identify(client)
    clock.shift(181)
    provider.fails = AssertionError("asked")
    assert client.post("/sign-up/code/", {"code": CODE})["Location"] == "/sign-up/code/"


def test_how_long_it_counts_is_a_setting(client: Client, settings: Any) -> None:
    settings.IDENTITY_CODE_SECONDS = 300
    identify(client)
    assert "오전 10:05:00까지" in words(client.get("/sign-up/code/"))


def test_how_many_wrong_ones_are_taken_is_a_setting(client: Client, settings: Any) -> None:
    settings.IDENTITY_CODE_TRIES = 2
    identify(client)
    client.post("/sign-up/code/", WRONG)
    assert "2번 잘못 입력하셔서" in words(client.post("/sign-up/code/", WRONG, follow=True))


def test_an_earlier_code_after_a_new_one_is_called_what_it_is(client: Client, clock: TimeMachineFixture) -> None:
    identify(client)
    clock.shift(31)
    client.post("/sign-up/code/again/")
    page = words(client.post("/sign-up/code/", WRONG, follow=True))
    assert "가장 최근에(오전 10:00:31) 보내 드린 인증번호가 아닙니다" in page
    assert "먼저 받으신 인증번호는 쓸 수 없습니다" in page


def test_so_is_the_code_of_another_window_in_which_one_began_anew(client: Client, clock: TimeMachineFixture) -> None:
    identify(client)
    first_window = client.get("/sign-up/code/")
    clock.shift(40)
    identify(client)
    page = client.get(filled_in(client, first_window, "000000")["Location"])
    assert "가장 최근에(오전 10:00:40)" in words(page)
    assert form_of(page, "code").values["about"] != form_of(first_window, "code").values["about"]


def test_a_window_left_open_while_another_went_on_leads_to_where_one_is(client: Client) -> None:
    identify(client)
    first_window = client.get("/sign-up/code/")
    client.post("/sign-up/code/", {"code": CODE})
    client.post("/sign-up/channels/", CHANNELS)
    assert filled_in(client, first_window, CODE)["Location"] == "/sign-up/data-types/"
    assert "인증번호 확인은 이미 끝났습니다" in client.get("/sign-up/data-types/").content.decode()


def test_at_the_full_check_it_leads_to_the_first_page(client: Client) -> None:
    cast.enrol(cast.person(1))
    identify(client, "/settings/sign-in/")
    first_window = client.get("/settings/sign-in/code/")
    client.post("/settings/sign-in/code/", {"code": CODE})
    assert filled_in(client, first_window, CODE)["Location"] == "/inbox/"
    assert "이미 본인확인을 마치셨습니다" in client.get("/settings/").content.decode()


def test_a_code_for_what_was_left_meanwhile_is_answered_in_words(client: Client) -> None:
    identify(client)
    first_window = client.get("/sign-up/code/")
    identify(client, "/settings/sign-in/")
    answer = filled_in(client, first_window, CODE)
    assert answer["Location"] == "/sign-up/"
    assert "다른 창에서 새로 시작하셨습니다" in client.get("/sign-up/").content.decode()


def test_when_no_more_codes_are_sent_the_page_says_from_when_they_are(
    client: Client, settings: Any, clock: TimeMachineFixture
) -> None:
    settings.ATTEMPT_LIMITS = settings.ATTEMPT_LIMITS | {"code_sent_phone": (1, 86400)}
    identify(client)
    clock.shift(31)
    assert "2026. 3. 3.(화) 오전 9:00부터 다시 받으실 수 있습니다" in words(
        client.post("/sign-up/code/again/", follow=True)
    )


def test_the_words_are_complete_in_english(client: Client, clock: TimeMachineFixture, settings: Any) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    identify(client)
    assert "Please enter it by 10:03:00 am." in words(client.get("/sign-up/code/"))
    clock.shift(181)
    assert "(3 minutes) ended at 10:03:00 am. Please have a new one sent." in words(client.get("/sign-up/code/"))


def test_the_session_keeps_no_code_and_no_number(client: Client) -> None:
    identify(client)
    client.post("/sign-up/code/", {"code": "654321"})
    assert set(client.session["sent_code"]) == {"mark", "wrong", "times", "method"}
    kept = str(dict(client.session))  # also of a hash in hex, one in some thousand has any four digits
    assert not [number for number in (DETAILS["phone"], DETAILS["phone"].replace("-", "")[1:]) if number in kept]


def test_a_release_that_keeps_more_in_the_draft_can_be_read(client: Client) -> None:
    """Two releases run side by side while the service is deployed."""
    request = RequestFactory().get("/")
    sealed = encrypt_text(json.dumps({"name": "홍길동", "from_tomorrow": 1}), bound_to="draft:1")
    request.session = {"draft": {"id": "1", "text": base64.b64encode(sealed).decode()}}  # type: ignore[assignment]
    assert drafts.load(request).name == "홍길동"


def test_signing_up_still_works_from_end_to_end(client: Client) -> None:
    assert confirmed(client)["Location"] == "/sign-up/channels/"
