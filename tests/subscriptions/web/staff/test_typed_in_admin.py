"""What staff type in the administration is still there after a button of the header, and after signing in anew."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from time_machine import TimeMachineFixture

from subscriptions.models import Agency, DataTypeVersion
from tests.subscriptions import cast
from tests.subscriptions.admin.ninth_type import draft_ninth_type, staff
from tests.support.browser_forms import FormReader
from tests.support.prepared_database import kept_for_a_file
from tests.support.together import Cases

pytestmark = pytest.mark.django_db
PASSWORD = "not-a-real-password"
BUTTONS = {"set-size": "150", "set-contrast": "on", "set-language": "en"}
SHOWN = {"set-size": "size-150", "set-contrast": " contrast", "set-language": '<html lang="en"'}


def signed_in(user: User) -> Client:
    client = Client()
    client.post("/admin/login/", {"username": user.username, "password": PASSWORD})
    return client


@pytest.fixture(scope="module")
def pages(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, dict[str, str]]]:
    """Forms of each making, and what is typed into them."""
    typed: dict[str, dict[str, str]] = {}

    def prepare() -> None:
        with time_machine.travel(cast.NOW, tick=False):
            user = staff("alice")
            user.set_password(PASSWORD)
            user.save()
            typed.update(forms(signed_in(user)))

    with kept_for_a_file(prepare, blocker=django_db_blocker):
        yield typed


def forms(author: Client) -> dict[str, dict[str, str]]:
    draft = draft_ninth_type(author)
    stage = DataTypeVersion.objects.get().stages.get(code="d30")
    agency = Agency.objects.get(code="mofa")
    return {
        f"/admin/subscriptions/agency/{agency.pk}/change/": {"name_ko": "외교부 여권과"},
        "/admin/subscriptions/agency/add/": {"name_ko": "새 기관"},
        draft.replace("change/", "basics/"): {"summary_ko": "고치는 중인 한 줄"},
        draft.replace("change/", "fields/expires_on/"): {"label_ko": "만료되는 날"},
        draft.replace("change/", f"stages/{stage.pk}/"): {"label_ko": "삼십 일 앞"},
        draft.replace("change/", f"stages/{stage.pk}/templates/sms/ko/"): {"body": "고치는 중인 문구"},
        draft.replace("change/", "write/"): {
            f"text-{stage.pk}-toss-ko-body": "한꺼번에 고치는 중",
            "basics-name_ko": "새 이름",
        },
        draft.replace("change/", "roll-back/"): {"reason": "되돌리는 사유를 적는 중"},
        "/admin/call-centre/": {"number": "K7MP-2QX9"},
        "/admin/call-centre/family/": {"reason": "가족이 전화로 원함"},
    }


@pytest.fixture
def author(pages: object, db: None, time_machine: TimeMachineFixture) -> Client:
    time_machine.move_to(cast.NOW, tick=False)
    return signed_in(User.objects.get(username="alice"))


def typed_into(client: Client, url: str, values: dict[str, str]) -> dict[str, Any]:
    """What the page's form sends with these values in it."""
    page = client.get(url)
    assert page.status_code == 200, url
    [form] = [form for form in FormReader(page.content.decode()).forms if set(values) <= set(form.names)]
    return {**form.values, **values}


def each_form(
    begin: Callable[[], Client], pages: dict[str, dict[str, str]], then: Callable[[Client, str, dict[str, Any]], str]
) -> None:
    """`then(client, url, what is sent)` returns a page, on which all that was typed stands, and nothing is stored."""
    cases, before = Cases(), DataTypeVersion.objects.get().digest
    for url, values in pages.items():
        with cases.case(url):
            client = begin()
            shown = then(client, url, typed_into(client, url, values))
            assert [value for value in values.values() if value not in shown] == []
            assert "errorlist" not in shown and "error-summary" not in shown and "errornote" not in shown
            assert DataTypeVersion.objects.get().digest == before
    assert not Agency.objects.filter(name_ko__in=["외교부 여권과", "새 기관"]).exists()
    cases.conclude()


@pytest.mark.parametrize("button", BUTTONS)
def test_a_button_of_the_header_loses_nothing(author: Client, pages: dict[str, dict[str, str]], button: str) -> None:
    def press(client: Client, url: str, sent: dict[str, Any]) -> str:
        answer = client.post(url, sent | {button: BUTTONS[button]})
        page: str = answer.content.decode()
        assert answer.status_code == 200 and SHOWN[button] in page
        assert f'name="{button}"' in page and 'form="' in page.partition(f'name="{button}"')[0].rpartition("<button")[2]
        return page

    each_form(lambda: author, pages, press)


def test_the_end_of_the_session_loses_nothing(author: Client, pages: dict[str, dict[str, str]], settings: Any) -> None:
    user = User.objects.get(username="alice")

    def sent_too_late(mine: Client, url: str, sent: dict[str, Any]) -> str:
        mine.cookies.pop(settings.SESSION_COOKIE_NAME)
        assert mine.post(url, sent)["Location"].startswith("/admin/login/")
        back = mine.post("/admin/login/", {"username": "alice", "password": PASSWORD})
        assert back["Location"] == url
        return str(mine.get(url).content.decode())

    each_form(lambda: signed_in(user), pages, sent_too_late)


def test_another_account_does_not_see_it(author: Client, pages: dict[str, dict[str, str]], settings: Any) -> None:
    other = staff("bob")
    other.set_password(PASSWORD)
    other.save()
    url = next(iter(pages))
    sent = typed_into(author, url, pages[url])
    author.cookies.pop(settings.SESSION_COOKIE_NAME)
    author.post(url, sent)
    assert author.post("/admin/login/", {"username": "bob", "password": PASSWORD})["Location"] == "/admin/"
    assert "외교부 여권과" not in author.get(url).content.decode()
