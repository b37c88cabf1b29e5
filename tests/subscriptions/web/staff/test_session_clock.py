"""Both sites say when a session of staff ends, put it off without losing what was typed, allow one session for each
account, and say when a lock-out is over."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from time_machine import TimeMachineFixture

from subscriptions.models import StaffSession
from tests.subscriptions import cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "clock")]
PASSWORD = {"username": "person", "password": "right-password-1"}
SITES = pytest.mark.parametrize("site", ["/officials/", "/admin/"])


@pytest.fixture
def person() -> User:
    """A user with access to both sites."""
    user = cast.official("person").user
    user.is_staff = True
    user.save()
    return user


def signed_in(site: str, client: Client | None = None) -> Client:
    client = client or Client()
    assert client.post(f"{site}login/", PASSWORD).status_code == 302
    return client


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"</?span[^>]*>", "", answer.content.decode())).split())


@SITES
def test_each_page_says_until_when_and_a_button_puts_it_off(
    site: str, person: User, clock: TimeMachineFixture, settings: Any
) -> None:
    client = signed_in(site)
    assert "오전 10:30까지 로그인되어 있습니다" in words(
        client.get(f"{site}password{'_change' * (site == '/admin/')}/")
    )
    clock.shift(timedelta(minutes=29))
    more = client.get(f"{site}more-time/")
    assert more["X-Session-Seconds"] == str(settings.SESSION_COOKIE_AGE) and "오전 10:59까지" in words(more)
    clock.shift(timedelta(minutes=29))
    assert client.get(site).status_code == 200
    clock.shift(timedelta(minutes=31))
    assert client.get(site).status_code == 302
    assert client.get(f"{site}more-time/").status_code == 302


@SITES
def test_near_the_end_of_the_working_day_no_button_promises_more(
    site: str, person: User, clock: TimeMachineFixture, settings: Any
) -> None:
    settings.STAFF_SESSION_HOURS = 1
    client = signed_in(site)
    for _ in range(2):
        clock.shift(timedelta(minutes=25))
        page = client.get(site)
    text = page.content.decode()
    assert "오전 11:00까지 로그인되어 있습니다" in words(page)
    assert 'data-seconds="600"' in text and "data-more" not in text
    assert client.get(f"{site}more-time/")["X-Session-Seconds"] == "600"


@SITES
def test_a_new_sign_in_ends_the_session_before_which_says_so(
    site: str, person: User, clock: TimeMachineFixture
) -> None:
    before = signed_in(site)
    clock.shift(timedelta(minutes=5))
    newest = signed_in("/admin/")
    answer = before.get(site, follow=True)
    assert answer.redirect_chain[-1][0].startswith(f"{site}login/")
    assert "오전 10:05에 다른 곳에서 로그인하여" in words(answer)
    assert newest.get("/admin/").status_code == newest.get("/officials/").status_code == 200
    StaffSession.objects.all().delete()
    assert "다른 곳에서" not in words(newest.get("/admin/", follow=True)), "it was ended by a person, not by a sign-in"


def test_a_session_of_the_last_release_goes_on_until_the_next_sign_in(person: User) -> None:
    client = signed_in("/admin/")
    session = client.session
    del session["staff_session"]
    session.save()
    StaffSession.objects.all().delete()
    assert client.get("/admin/").status_code == 200
    signed_in("/admin/")
    assert client.get("/admin/").status_code == 302


@SITES
def test_a_lock_out_says_when_it_is_over_and_keeps_to_it(site: str, person: User, clock: TimeMachineFixture) -> None:
    client, wrong = Client(), PASSWORD | {"password": "wrong"}
    for name in ("person", "a-name-of-no-account"):
        clock.move_to(cast.NOW)
        answers = [client.post(f"{site}login/", wrong | {"username": name}) for _try in range(5)]
        assert "오전 10:15까지 이 방법으로는 로그인하실 수 없습니다" in words(answers[-1])
    clock.shift(timedelta(minutes=14))
    again = client.post(f"{site}login/", PASSWORD)
    assert again.status_code == 429 and "오전 10:15까지" in words(again), "a try does not put it off"
    clock.shift(timedelta(minutes=2))
    signed_in(site, client)


def test_a_limit_over_many_addresses_says_when_it_is_over(person: User, settings: Any) -> None:
    settings.ATTEMPT_LIMITS = settings.ATTEMPT_LIMITS | {"sign_in_account": (0, 3600)}
    assert "오전 11:00까지" in words(Client().post("/officials/login/", PASSWORD))
