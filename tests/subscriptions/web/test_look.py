import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from django.urls import reverse

from tests.subscriptions import cast
from tests.subscriptions.web.steps import confirmed

pytestmark = pytest.mark.django_db


def test_the_browsers_language_is_the_first_guess(client: Client) -> None:
    for accepted, language in {
        "en-GB,en;q=0.9": "en",
        "ko-KR,ko;q=0.9,en;q=0.8": "ko",
        "en;q=0.5,ko;q=0.8": "ko",
        "vi,en;q=0.8": "en",
        "fr": "ko",
        "": "ko",
        ";;q=": "ko",
    }.items():
        answer = client.get("/", headers={"Accept-Language": accepted})
        assert f'<html lang="{language}"' in answer.content.decode(), accepted
        assert "Accept-Language" in answer["Vary"]


def test_the_chosen_language_overrides_the_browsers_and_survives_signing_in(
    client: Client, offered: None, provider: Any
) -> None:
    korean = {"Accept-Language": "ko"}
    client.post("/i18n/setlang/", {"language": "en", "next": "/sign-up/"})
    page = client.get("/sign-up/", headers=korean).content.decode()
    assert '<html lang="en"' in page
    assert "Who are you?" in page
    cast.enrol(cast.person(1))
    confirmed(client, "/settings/sign-in/")
    assert '<html lang="en"' in client.get("/settings/", headers=korean).content.decode()


def test_text_size_and_contrast_are_kept_and_applied_by_the_server(client: Client) -> None:
    client.post("/display/", {"text_size": "150", "next": "/sign-up/"})
    assert client.post("/display/", {"contrast": "on", "next": "/sign-up/"})["Location"] == "/sign-up/"
    assert 'class="size-150 contrast"' in client.get("/").content.decode()


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org/", "javascript:alert(1)", ""])
def test_the_way_back_never_leaves_the_site(client: Client, target: Any) -> None:
    assert client.post("/display/", {"text_size": "110", "next": target})["Location"] == "/"


def test_an_unknown_text_size_is_ignored(client: Client) -> None:
    client.cookies["text_size"] = '"><script>'
    assert 'class="size-100"' in client.get("/").content.decode()


def test_the_demonstration_says_so(client: Client, settings: Any) -> None:
    settings.SANDBOX_URL = "http://127.0.0.1:9999"
    assert "체험용" in client.get("/").content.decode()


def test_the_official_banner_is_off_by_default(client: Client) -> None:
    assert "공식 전자정부 누리집" not in client.get("/").content.decode()


def test_the_stylesheet_stays_small() -> None:
    assert (Path(project.BASE_DIR) / "static" / "secretary.css").stat().st_size < 40_000


def test_a_missing_page_is_a_page_of_ours(client: Client) -> None:
    page = client.get("/nowhere/")
    assert page.status_code == 404
    assert "없는 화면입니다" in page.content.decode()


def test_a_form_from_elsewhere_is_refused_in_plain_words() -> None:
    from django.test import Client

    page = Client(enforce_csrf_checks=True).post("/sign-up/", {})
    assert page.status_code == 403
    assert "다시 보내 주세요" in page.content.decode()


def test_the_landing_page_offers_the_check_of_a_code(client: Client, offered: None) -> None:
    landing = client.get("/").content.decode()
    assert f'action="{reverse("verify")}"' in landing and 'name="code"' in landing
    assert "확인코드" in landing


def test_every_page_prints_the_address_of_the_site(client: Client, offered: None, settings: Any) -> None:
    settings.PUBLIC_BASE_URL = "https://secretary.example.go.kr"
    assert "이 누리집 주소: <strong>secretary.example.go.kr</strong>" in client.get("/").content.decode()


def test_the_head_of_every_page_leads_to_the_check_of_a_notice_and_signed_in_to_what_is_mine(
    client: Client, offered: None, provider: Any
) -> None:
    check = f'<a class="quiet check" href="{reverse("verify")}">진짜 알림인지 확인</a>'
    for page in ("/", "/sign-up/", "/sign-in/", "/verify/", "/nowhere/"):
        assert check in head_of(client, page), page
    cast.enrol(cast.person(1))
    confirmed(client, "/settings/sign-in/")
    for page in ("/", "/inbox/", "/pay/", "/settings/", "/my-data/", "/verify/"):
        head = head_of(client, page)
        assert check in head and "로그아웃</button>" in head, page
        for address in ("/inbox/", "/pay/", "/settings/"):
            assert f'<a href="{address}"' in head, (page, address)
    assert check not in head_of(client, "/officials/login/")


def test_a_page_within_a_section_marks_its_section_and_names_no_other_page_as_this_one(
    client: Client, offered: None, provider: Any
) -> None:
    cast.enrol(cast.person(1))
    confirmed(client, "/settings/sign-in/")
    for page, marked in {
        "/settings/": ["/settings/ page"],
        "/settings/channels/": ["/settings/ true"],
        "/settings/history/": ["/settings/ true"],
        "/year/calendar/": ["/year/ true"],
        "/my-data/erase/": ["/my-data/ true"],
        "/pay/history/": ["/pay/history/ page"],
        "/verify/": [],
        "/": [],
    }.items():
        found = re.findall(r'<a href="([^"]+)" aria-current="(\w+)"', head_of(client, page))
        assert [" ".join(each) for each in found] == marked, page


def head_of(client: Client, page: str) -> str:
    return client.get(page).content.decode().partition("<main")[0]
