"""Test the rule of sessions on both sites: an absolute end; a changed password ends the other sessions."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from secretary.kernel.models import AuditEvent
from secretary.kernel.time.clock import now
from subscriptions.models import AccountChange, Authenticator
from tests.subscriptions import cast
from tests.support.authenticators import authenticator, shown
from tests.support.present import present

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "still_clock")]
PASSWORD = "right-password-1"
NEW = "an-entirely-new-one-2"
SITES = {"/officials/": "/officials/password/", "/admin/": "/admin/password_change/"}


@pytest.fixture
def person() -> User:
    """A user with access to both sites, with a second factor."""
    user = cast.official("person").user
    user.is_staff = True
    user.save()
    authenticator(user)
    return user


def code_of(user: User, step: int = 0) -> str:
    device = Authenticator.objects.get(user=user)
    Authenticator.objects.filter(pk=device.pk).update(last_t=-1, throttling_failure_count=0)
    return shown(device, drift=step)


def signed_in(user: User, site: str) -> Client:
    client = Client()
    client.post(f"{site}login/", {"username": user.username, "password": PASSWORD})
    client.post(f"{site}login/code/", {"code": code_of(user)})
    assert client.get(site).status_code == 200
    return client


@pytest.mark.parametrize("site", SITES)
def test_a_session_ends_after_a_working_day_however_busy(site: str, person: User, settings: Any) -> None:
    client = signed_in(person, site)
    session = client.session
    session["signed_in_at"] = (now() - timedelta(hours=settings.STAFF_SESSION_HOURS, seconds=1)).timestamp()
    session.save()
    answer = client.get(site)
    assert answer.status_code == 302
    assert "login" in answer["Location"]
    assert client.get(site).status_code == 302


def test_a_citizens_page_does_nothing_about_a_session_of_staff(person: User) -> None:
    client = signed_in(person, "/admin/")
    session = client.session
    session["signed_in_at"] = 0.0
    session.save()
    assert client.get("/").status_code == 200
    assert client.session["signed_in_at"] == 0.0, "it is the staff's pages that end it"
    assert client.get("/admin/").status_code == 302


def test_staff_idle_as_staff_in_a_browser_that_a_citizen_used_before(person: User, settings: Any) -> None:
    client = Client()
    session = client.session
    session.set_expiry(2 * settings.SESSION_COOKIE_AGE)
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = present(session.session_key)
    client.post("/admin/login/", {"username": person.username, "password": PASSWORD})
    client.post("/admin/login/code/", {"code": code_of(person)})
    assert client.get("/admin/").status_code == 200
    assert client.session.get_expiry_age() <= settings.SESSION_COOKIE_AGE


def test_a_session_that_says_nothing_of_its_beginning_is_over(person: User) -> None:
    client = signed_in(person, "/admin/")
    session = client.session
    del session["signed_in_at"]
    session.save()
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("site", SITES)
def test_a_wrong_code_is_on_record_and_ten_are_the_end(site: str, person: User) -> None:
    client = Client()
    client.post(f"{site}login/", {"username": "person", "password": PASSWORD})
    wrong = "000000" if code_of(person) != "000000" else "000001"
    answers = [client.post(f"{site}login/code/", {"code": wrong}).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
    assert AuditEvent.objects.filter(action="second factor failed", object=f"user:{person.pk}").count() == 10
    assert client.post(f"{site}login/code/", {"code": code_of(person)}).status_code == 429


@pytest.mark.parametrize("site", SITES)
def test_a_code_is_asked_for_within_five_minutes_of_the_password(site: str, person: User) -> None:
    client = Client()
    client.post(f"{site}login/", {"username": "person", "password": PASSWORD})
    session = client.session
    session["second_factor_for"] = [person.pk, (now() - timedelta(seconds=301)).timestamp()]
    session.save()
    client.post(f"{site}login/code/", {"code": code_of(person)})
    assert client.get(site).status_code == 302


@pytest.mark.parametrize(("site", "page"), SITES.items())
def test_changing_ones_password_ends_all_other_sessions(site: str, page: str, person: User) -> None:
    elsewhere, here = [signed_in(person, site) for site in SITES], signed_in(person, site)
    AccountChange.objects.all().delete()
    typed = {"old": PASSWORD, "code": code_of(person), "new": NEW, "again": NEW}
    assert here.post(page, typed).status_code == 302
    person.refresh_from_db()
    assert person.check_password(NEW)
    assert here.get(site).status_code == 200
    for client, other in zip(elsewhere, SITES, strict=True):
        assert client.get(other).status_code == 302
    assert AuditEvent.objects.filter(action="own password changed", object=f"user:{person.pk}").count() == 1
    assert not AccountChange.objects.exists(), "who changes the own password, with a code, may go on approving"


@pytest.mark.parametrize(
    "wrong",
    [{"old": "guessed"}, {"code": "nonsense"}, {"code": ""}, {"again": "something-else-3"}, {"new": "short"}],
    ids=str,
)
def test_a_password_is_not_changed_without_the_old_one_a_code_and_a_fit_new_one(
    person: User, wrong: dict[str, str]
) -> None:
    client = signed_in(person, "/officials/")
    typed = {"old": PASSWORD, "code": code_of(person), "new": NEW, "again": NEW} | wrong
    assert client.post("/officials/password/", typed).status_code == 200
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_ten_wrong_guesses_of_the_old_password_are_the_end(person: User) -> None:
    client = signed_in(person, "/officials/")
    typed = {"old": "guessed", "code": "123456", "new": NEW, "again": NEW}
    answers = [client.post("/officials/password/", typed).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_a_password_is_changed_only_after_signing_in() -> None:
    for page in SITES.values():
        assert "login" in Client().get(page)["Location"]
