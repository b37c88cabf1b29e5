"""A session that is over takes nothing of what was typed: the same account finds it after signing in again, no other
does; and the page for signing in says which limit it was."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client

from secretary.kernel.time.clock import now
from subscriptions.models import Citizen, StaffSession
from subscriptions.web.staff.came_back import COOKIE
from tests.subscriptions import cast
from tests.subscriptions.web.officials.test_official_pages import paper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]
PASSWORD = "right-password-1"
TYPED = {"paper_form": "A-7", "name": "박샘플", "birth_date": "19480509", "phone": "010-0000-0007"}
AGAIN = "입력하시던 내용을 다시 불러왔습니다"


def sign_in(client: Client, name: str, site: str = "/officials/") -> Any:
    return client.post(f"{site}login/", {"username": name, "password": PASSWORD}, follow=True)


def end_by_itself(client: Client) -> None:
    """As after SESSION_SECONDS: the row is no longer valid, and the browser has dropped its cookie."""
    Session.objects.filter(session_key=client.session.session_key).delete()
    del client.cookies["session"]


def end_after_the_day(client: Client) -> None:
    session = client.session
    session["signed_in_at"] = (now() - timedelta(hours=10)).timestamp()
    session.save()


def end_elsewhere(client: Client) -> None:
    sign_in(Client(), "official1")


def end_by_a_reset(client: Client) -> None:
    StaffSession.objects.all().delete()


def end_by_a_new_password(client: Client) -> None:
    user = User.objects.get(username="official1")
    user.set_password(PASSWORD)
    user.save()


ENDS = {
    end_by_itself: "30분 동안 화면을 열지 않아",
    end_after_the_day: "9시간이 지나",
    end_elsewhere: "다른 곳에서",
    end_by_a_reset: "초기화되었거나",
    end_by_a_new_password: "비밀번호가 바뀌었거나",
}


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_what_was_typed_is_there_again_and_the_page_says_why_one_was_signed_out(end: Any) -> None:
    client = Client()
    cast.official("official1")
    sign_in(client, "official1")
    end(client)
    answer = client.post("/officials/", paper(**TYPED), follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == "/officials/login/"
    assert ENDS[end] in page
    assert "박샘플" not in page
    assert "박샘플" not in str(dict(client.session))
    back = sign_in(client, "official1")
    page = back.content.decode()
    assert AGAIN in page and 'value="박샘플"' in page and 'value="A-7"' in page, page
    assert 'value="박샘플"' not in client.get("/officials/").content.decode(), "handed out once"
    assert not Citizen.objects.exists()


def test_the_page_says_what_stays_when_the_session_ends() -> None:
    client = Client()
    cast.official("official1")
    sign_in(client, "official1")
    for page, words in (
        ("/officials/", "입력하신 내용이 그대로 다시 나옵니다"),
        ("/officials/figures/", "먼저 복사하신 뒤"),
    ):
        assert words in client.get(page).content.decode(), page


def test_another_account_finds_nothing_and_ones_own_sign_out_keeps_nothing() -> None:
    client = Client()
    cast.official("official1")
    cast.official("official2", office="9911052000")
    sign_in(client, "official1")
    end_by_itself(client)
    client.post("/officials/", paper(**TYPED))
    assert "박샘플" not in sign_in(client, "official2").content.decode()
    client.post("/officials/logout/")
    assert "박샘플" not in sign_in(client, "official1").content.decode()
    client.post("/officials/logout/")
    assert not client.cookies[COOKIE].value
    client.post("/officials/", paper(**TYPED))
    page = sign_in(client, "official1").content.decode()
    assert "박샘플" not in page and AGAIN not in page


def test_the_call_centre_finds_its_form_again_and_no_password_is_kept() -> None:
    user = User.objects.create_superuser("staff1", password=PASSWORD)
    client = Client()
    sign_in(client, user.username, "/admin/")
    end_by_itself(client)
    client.post("/admin/call-centre/", {"number": "K7MP-2QX9-3HVC", "phone": "010-0000-0001", "why": "genuine"})
    page = sign_in(client, user.username, "/admin/")
    assert page.redirect_chain[-1][0] == "/admin/call-centre/"
    assert 'value="K7MP-2QX9-3HVC"' in page.content.decode()
    end_by_itself(client)
    client.post("/admin/password_change/", {"old": PASSWORD, "new": "n3w-password-1", "again": "n3w-password-1"})
    assert "typed" not in client.session
