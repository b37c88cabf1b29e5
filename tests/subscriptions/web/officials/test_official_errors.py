"""What an official posts with an error is answered by a redirect to its page: the way back and a reload ask to send
nothing once more. A warning and what is to be confirmed are there too."""

from datetime import date
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from secretary.kernel.database.retry import Busy
from subscriptions.data_types.load import ensure_family_consents, ensure_office_call_consent
from subscriptions.models import Citizen, Consent, Office
from subscriptions.web.officials import register
from tests.notifications.cast import MORNING
from tests.subscriptions import cast
from tests.subscriptions.web.officials.test_official_pages import PASSWORD, paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]
LIST = "/officials/list/"


def official_at_work(client: Client) -> Any:
    official = cast.official()
    client.post("/officials/login/", PASSWORD)
    return official


def assert_redirected(client: Client, path: str, posted: dict[str, Any], again: str) -> None:
    answer = client.post(path, posted)
    assert (answer.status_code, answer["Location"]) == (302, path), path
    page = client.get(path).content.decode()
    assert "error-summary" in page and again in page, (path, page)
    assert "error-summary" not in client.get(path).content.decode(), path  # once


def test_each_form_with_an_error_leads_back_to_its_page(client: Client) -> None:
    official = official_at_work(client)
    citizen = cast.register(official)
    ensure_family_consents()
    Consent.objects.create(
        citizen=citizen, text=ensure_office_call_consent(), given_at=MORNING, method="paper", recorded_by=official
    )
    entry = f"{LIST}{citizen.pk}/"
    for path, posted, again in (
        ("/officials/", paper(birth_date="194"), 'value="최어르신"'),
        (LIST, {"text": ""}, "<form"),
        (entry, {"reason": "왜"}, 'value="왜"'),
        (f"{entry}end/", {"reason": "왜"}, 'value="왜"'),
        (f"{entry}correct/", {"name": "박예시", "reason": ""}, 'value="박예시"'),
        (f"{entry}family/", {"family_consent": "yes", "family_name": "큰딸"}, 'value="큰딸"'),
        (f"{entry}move/", {"office": "없는 동", "reason": "이사하심"}, 'value="없는 동"'),
        ("/officials/lists/", {"go": "x"}, "명단 파일을"),
    ):
        assert_redirected(client, path, posted, again)
    assert Citizen.objects.count() == 1
    assert "최어르신" not in "".join(row.session_data for row in Session.objects.all())


def test_a_manager_s_forms_too(client: Client) -> None:
    manager = cast.official()
    manager.manager = True
    manager.save()
    member = cast.official("clerk")
    client.post("/officials/login/", PASSWORD)
    assert_redirected(client, "/officials/staff/", {"new_name": "ㄱ"}, 'value="ㄱ"')
    assert_redirected(client, f"/officials/staff/{member.pk}/", {"reason": "왜"}, 'value="왜"')


def test_a_warning_and_its_buttons_are_on_the_page_once(client: Client) -> None:
    official_at_work(client)
    client.post("/officials/", paper())
    again = paper(paper_form="A-2")
    assert client.post("/officials/", again)["Location"] == "/officials/"
    page = client.get("/officials/").content.decode()
    assert 'name="confirmed" value="on"' in page and "우리 기관 목록에 있습니다" in page and 'value="A-2"' in page
    assert f"{LIST}{Citizen.objects.get().pk}/" in page
    assert 'name="confirmed" value="on"' not in client.get("/officials/").content.decode()
    assert client.post("/officials/", again | {"confirmed": "on"})["Location"] == "/officials/slip/"
    alike = paper(paper_form="A-3", phone="010-0000-0006")
    client.post("/officials/", alike)
    page = client.get("/officials/").content.decode()
    assert 'value="other"' in page and "다른 분" in page
    client.post("/officials/", paper(paper_form="A-4", birth_date="194"))  # another error: no warning stands beside it
    assert 'value="other"' not in client.get("/officials/").content.decode()


def test_the_office_to_be_confirmed_is_named_after_a_redirect(client: Client) -> None:
    official = official_at_work(client)
    Office.objects.create(code="9911052000", name_ko="나라동", name_en="Nara-dong")
    path = f"{LIST}{cast.register(official).pk}/move/"
    typed = {"office": "나라동", "reason": "이사하심"}
    assert client.post(path, typed)["Location"] == path
    page = client.get(path).content.decode()
    assert 'name="confirmed" value="9911052000"' in page and "error-summary" not in page
    assert client.post(path, typed | {"confirmed": "9911052000"})["Location"] == "/officials/moves/"


def test_what_is_found_has_a_page_of_its_own_without_the_text_in_its_address(client: Client) -> None:
    official = official_at_work(client)
    for number in (1, 2):
        born, phone = date(1940 + number, 5, 9), f"+82100000100{number}"
        cast.register(official, cast.PaperForm(f"A-{number}", "최어르신", born, phone))
    answer = client.post(LIST, {"text": "최어르신"})
    assert answer.status_code == 302 and "최어르신" not in answer["Location"]
    for _reload in range(2):
        page = client.get(answer["Location"]).content.decode()
        assert page.count("010-****-100") == 2 and 'value="최어르신"' in page
    client.post("/officials/logout/")
    cast.official("other", "9911052000")
    client.post("/officials/login/", PASSWORD | {"username": "other"})
    assert "최어르신" not in client.get(answer["Location"]).content.decode()


def test_a_busy_moment_loses_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    official_at_work(client)

    def busy(**_: Any) -> Any:
        raise Busy("40P01")

    monkeypatch.setattr(register, "register_senior", busy)
    assert_redirected(client, "/officials/", paper(), "버튼을 다시 눌러 주십시오")
