import base64
import html
import json
import re
import unicodedata
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from subscriptions.enrolment.consent_texts import live_data_types, texts_for
from subscriptions.identity.contract import IdentityRefused, IdentityUnavailable
from subscriptions.models import Citizen, Consent, Subscription
from tests.subscriptions import cast
from tests.subscriptions.web.conftest import CODE
from tests.subscriptions.web.steps import CHANNELS, DETAILS, TYPES, answers, confirmed, identify, until_check

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "still_clock")]


def codes(citizen: Any) -> Any:
    return list(citizen.channels.values_list("channel", flat=True))


def test_a_person_signs_up(client: Any, provider: Any) -> None:
    assert until_check(client)["Location"] == "/sign-up/check/"
    page = client.get("/sign-up/check/").content.decode()
    assert "홍길동" in page
    assert "010-****-0001" in page
    done = client.post("/sign-up/check/", follow=True)
    citizen = Citizen.objects.get()
    assert codes(citizen) == ["kakaotalk", "sms"]
    assert Subscription.objects.filter(citizen=citizen, ended_at=None).count() == 2
    assert done.redirect_chain[-1][0] == "/sign-up/done/"
    assert provider.started[0].identity_number == "8503141"
    assert 'href="/inbox/">알림함</a></p>' in done.content.decode()
    assert "이미 로그인하셨습니다" in client.get("/sign-up/").content.decode()  # back from the last page
    assert "이미 로그인하셨습니다" not in Client().get("/sign-up/").content.decode()


def test_no_settings_are_offered_that_are_not_there_yet(client: Any, provider: Any) -> None:
    confirmed(client)
    assert "로그아웃" not in client.get("/sign-up/channels/").content.decode()


def test_the_button_pressed_twice_enrols_once(client: Any, provider: Any) -> None:
    until_check(client)
    first, second = client.post("/sign-up/check/"), client.post("/sign-up/check/")
    assert first["Location"] == second["Location"] == "/sign-up/done/"
    assert (Citizen.objects.count(), Consent.objects.count()) == (1, 3)


@pytest.mark.parametrize("step", ["channels", "data_types", "consent", "check"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_skipped_step_leads_back_and_writes_nothing(client: Any, provider: Any, step: Any, method: Any) -> None:
    assert getattr(client, method)(reverse(f"web:{step}"))["Location"] == "/sign-up/"
    identify(client)
    assert getattr(client, method)(reverse(f"web:{step}"))["Location"] == "/sign-up/code/"
    assert not Citizen.objects.exists()


def test_a_later_step_leads_to_the_first_one_without_an_answer(client: Any, provider: Any) -> None:
    confirmed(client)
    assert client.get("/sign-up/check/")["Location"] == "/sign-up/channels/"


def test_a_changed_answer_returns_straight_to_the_check_page(client: Any, provider: Any) -> None:
    until_check(client)
    back = client.post("/sign-up/channels/?back=check", {"channel": ["naver"]})
    assert back["Location"] == "/sign-up/check/"
    client.post("/sign-up/check/")
    assert codes(Citizen.objects.get()) == ["naver"]


def test_a_newly_chosen_kind_is_asked_for_consent_before_the_check_page(client: Any, provider: Any) -> None:
    until_check(client)
    onward = client.post("/sign-up/data-types/?back=check", TYPES | {"vaccination": ["vaccination"]})
    assert onward["Location"] == "/sign-up/consent/"


def test_a_refused_kind_is_not_subscribed(client: Any, provider: Any) -> None:
    confirmed(client)
    client.post("/sign-up/channels/", CHANNELS)
    client.post("/sign-up/data-types/", TYPES)
    client.post("/sign-up/consent/", answers("traffic_fine", "health_checkup", health_checkup=True))
    client.post("/sign-up/check/")
    assert list(Subscription.objects.values_list("data_type__code", flat=True)) == ["traffic_fine"]


def test_periods_and_sensitive_data_stand_out_in_what_is_agreed_to(client: Any, provider: Any) -> None:
    """개인정보 보호법 §22②, 시행령 §17③."""
    confirmed(client)
    client.post("/sign-up/channels/", CHANNELS)
    client.post("/sign-up/data-types/", TYPES)
    page = html.unescape(client.get("/sign-up/consent/").content.decode())
    texts = texts_for(live_data_types(["traffic_fine", "health_checkup"]))
    assert {text.code for text in texts if text.sensitive} == {"health_checkup"}
    for text in texts:
        assert f"<strong>{text.retention_ko}</strong>" in page
        assert (f"<strong>{text.items_ko}</strong>" in page) == text.sensitive


def test_the_required_consent_cannot_be_refused(client: Any, provider: Any) -> None:
    confirmed(client)
    client.post("/sign-up/channels/", CHANNELS)
    client.post("/sign-up/data-types/", TYPES)
    page = client.post("/sign-up/consent/", answers("traffic_fine", "health_checkup", service=True), follow=True)
    assert "계속하시려면 동의해 주세요" in page.content.decode()
    assert client.get("/sign-up/check/")["Location"] == "/sign-up/consent/"


def test_no_answer_is_given_for_the_person(client: Any, provider: Any) -> None:
    confirmed(client)
    client.post("/sign-up/channels/", CHANNELS)
    client.post("/sign-up/data-types/", TYPES)
    assert " checked" not in client.get("/sign-up/consent/").content.decode()
    assert client.post("/sign-up/consent/", {}, follow=True).content.decode().count('class="error"') == 3


def test_choosing_a_whole_group_checks_its_boxes_and_stays_on_the_page(client: Any, provider: Any) -> None:
    confirmed(client)
    client.post("/sign-up/channels/", CHANNELS)
    answer = client.post("/sign-up/data-types/", {"all": "traffic", "health": ["health_checkup"]})
    assert answer["Location"] == "/sign-up/data-types/"  # the browser's way back leads over no page that was posted
    assert client.get("/sign-up/data-types/").content.decode().count(" checked") == 2
    assert client.get("/sign-up/consent/")["Location"] == "/sign-up/data-types/"  # nothing is stored yet


def test_a_person_who_comes_again_finds_their_choices_and_changes_them(client: Any, provider: Any) -> None:
    cast.enrol(cast.person(1), ("naver",), "vaccination")
    confirmed(client)
    page = client.get("/sign-up/channels/").content.decode()
    assert re.search(r'name="channel" value="naver"[^>]* checked', page)
    client.post("/sign-up/channels/", CHANNELS)
    assert "checked" in client.get("/sign-up/data-types/").content.decode()
    client.post("/sign-up/data-types/", TYPES)
    client.post("/sign-up/consent/", answers("traffic_fine", "health_checkup"))
    client.post("/sign-up/check/")
    assert Citizen.objects.count() == 1
    assert codes(Citizen.objects.get()) == ["kakaotalk", "sms"]


def test_known_and_unknown_people_get_the_same_words_and_status(client: Any, provider: Any) -> None:
    cast.enrol(cast.person(1))

    def seen(**changes: Any) -> Any:
        client.cookies.clear()
        sent, entered = identify(client, **changes), client.get("/sign-up/code/")
        wrong = client.post("/sign-up/code/", {"code": "000000"}, follow=True)
        pages = [page.content.decode().split("<main")[1].split("csrfmiddlewaretoken")[0] for page in (entered, wrong)]
        return sent.status_code, wrong.status_code, [page.replace("-0002", "-0001") for page in pages]

    assert seen() == seen(phone="010-0000-0002", name="이샘플")


@pytest.mark.parametrize(
    "changes",
    [
        {"phone": "02-123-4567"},
        {"name": "\u200b\u202e"},
        {"name": "가" * 81},
        {"identity_number": "85031"},
        {"carrier": "AT&T"},
    ],
)
def test_bad_details_are_explained_and_nothing_is_sent(client: Any, provider: Any, changes: Any) -> None:
    page = client.get(identify(client, **changes)["Location"])
    assert "error-summary" in page.content.decode()
    assert provider.started == []


def test_decomposed_hangul_markup_and_full_width_digits_are_put_right(client: Any, provider: Any) -> None:
    identify(client, name=unicodedata.normalize("NFD", "홍길동") + "\u200b\x00", phone="０１０ ００００ ０００１")
    assert (provider.started[0].name, provider.started[0].phone) == ("홍길동", "+821000000001")
    identify(client, name="<b>홍</b>", carrier="none")
    page = client.get("/sign-up/").content.decode()
    assert "<b>홍" not in page and "error-summary" in page


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (IdentityRefused("unknown_person"), "통신사에서 본인을 확인하지 못했습니다"),
        (IdentityUnavailable("time-out"), "응답하지 않습니다"),
    ],
)
def test_a_failure_of_the_identity_check_is_explained(client: Any, provider: Any, failure: Any, words: Any) -> None:
    provider.fails = failure
    assert identify(client)["Location"] == "/sign-up/"
    assert words in client.get("/sign-up/").content.decode()


def test_the_eleventh_try_is_refused_and_counted_also_with_the_right_code(client: Any, provider: Any) -> None:
    identify(client)
    for _ in range(10):
        assert client.post("/sign-up/code/", {"code": "000000"})["Location"] == "/sign-up/code/"
    assert "시도 횟수를 넘었습니다" in client.post("/sign-up/code/", {"code": CODE}, follow=True).content.decode()
    assert client.get("/sign-up/channels/")["Location"] == "/sign-up/code/"


def test_a_flood_of_codes_to_one_number_ends_whatever_the_session(client: Any, provider: Any, settings: Any) -> None:
    settings.ATTEMPT_LIMITS = settings.ATTEMPT_LIMITS | {"code_sent_phone": (2, 3600)}
    for expected in ("/sign-up/code/", "/sign-up/code/", "/sign-up/"):
        client.cookies.clear()
        assert identify(client)["Location"] == expected
    assert len(provider.started) == 2


def test_a_forged_forwarding_header_does_not_lift_the_cap_of_an_address(
    client: Any, provider: Any, settings: Any
) -> None:
    settings.ATTEMPT_LIMITS = settings.ATTEMPT_LIMITS | {"code_sent_address": (1, 3600)}
    identify(client)
    client.cookies.clear()
    page = client.post("/sign-up/", DETAILS, headers={"X-Forwarded-For": "198.51.100.9"})
    assert page["Location"] == "/sign-up/"
    assert provider.started[0].ip_address == "127.0.0.1"


def test_another_sessions_code_opens_nothing(client: Any, provider: Any) -> None:
    identify(client)
    client.cookies.clear()
    assert client.post("/sign-up/code/", {"code": CODE})["Location"] == "/sign-up/"


def test_a_code_can_be_sent_again_after_half_a_minute_only(client: Any, provider: Any, clock: Any) -> None:
    identify(client)
    assert "방금 인증번호를 보냈습니다" in client.post("/sign-up/code/again/", follow=True).content.decode()
    clock.shift(31)
    assert client.post("/sign-up/code/again/")["Location"] == "/sign-up/code/"


def test_half_an_hour_after_the_identity_check_one_starts_again(client: Any, provider: Any, clock: Any) -> None:
    confirmed(client)
    clock.shift(29 * 60)
    client.get("/sign-up/channels/")
    clock.shift(2 * 60)
    page = client.get("/sign-up/channels/", follow=True)
    assert page.redirect_chain[-1][0] == "/sign-up/"
    assert "30분이 지났습니다" in page.content.decode()


def test_under_14_the_page_names_the_guardian(client: Any, provider: Any) -> None:
    from datetime import date

    provider.people["+821000000001"] = cast.person(1, birth_date=date(2020, 1, 1))
    page = client.get(confirmed(client)["Location"])
    assert "보호자" in page.content.decode()
    assert client.get("/sign-up/channels/")["Location"] == "/sign-up/"


def test_the_session_holds_no_personal_data_in_clear_and_nothing_at_the_end(client: Any, provider: Any) -> None:
    until_check(client)
    kept = Session.objects.get(session_key=client.session.session_key).get_decoded()
    assert "홍길동" not in json.dumps(kept, ensure_ascii=False)
    assert b"8503141" not in base64.b64decode(kept["draft"]["text"])
    client.post("/sign-up/check/")
    assert "draft" not in client.session


def test_pages_are_not_kept_by_caches_and_the_policy_allows_no_inline_script(client: Any, provider: Any) -> None:
    page = client.get("/sign-up/")
    assert "no-store" in page["Cache-Control"]
    assert "unsafe" not in page["Content-Security-Policy"]
    assert "<script" not in page.content.decode()
    assert " style=" not in page.content.decode()


def test_an_address_over_its_limit_makes_no_session_either(client: Any, provider: Any, settings: Any) -> None:
    settings.ATTEMPT_LIMITS = {**settings.ATTEMPT_LIMITS, "details_address": (2, 3600)}
    for number in range(5):
        client.cookies.clear()
        answer = client.post("/sign-up/", DETAILS | {"phone": f"010-0000-{number:04d}"})
    assert answer.status_code == 429
    assert Session.objects.count() == 2


def test_a_refused_code_is_logged_without_the_number_or_the_code(client: Any, provider: Any, caplog: Any) -> None:
    identify(client)
    client.post("/sign-up/code/", {"code": "000000"})
    [line] = [each.getMessage() for each in caplog.records if each.name == "secretary.security"]
    assert line == "refused: identity check why=IdentityRefused code=wrong_code"


def test_a_name_of_eighty_letters_signs_up(client: Any, provider: Any) -> None:
    identify(client, name="Maria " * 13 + "Ah")
    assert provider.started[0].name == "Maria " * 13 + "Ah"


def test_an_old_prefix_is_asked_about_before_a_code_is_sent(client: Any, provider: Any) -> None:
    page = client.get(identify(client, phone="011-000-1234")["Location"]).content.decode()
    assert "010으로 바뀌었습니다" in page
    assert provider.started == []
    identify(client, phone="011-000-1234", number_is_right="on")
    assert provider.started[0].phone == "+82110001234"
