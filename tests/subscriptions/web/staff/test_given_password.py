"""A password that others gave opens one page: that on which the owner chooses their own."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from subscriptions.management.commands.first_administrator import make_first_administrator
from subscriptions.models import Agency, AgencyStaff, GivenPassword, Official
from tests.subscriptions import cast
from tests.subscriptions.admin.ninth_type import staff_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]
GIVEN, CHOSEN = "a-given-password-1", "of-my-own-choice-2"


def sign_in(name: str, password: str, site: str = "/admin/") -> Client:
    client = Client()
    assert client.post(f"{site}login/", {"username": name, "password": password}).status_code == 302
    return client


def made_by_another_administrator() -> str:
    client = staff_client("accounts", superuser=True)
    client.handler.enforce_csrf_checks = False
    typed = {"username": "new", "password1": GIVEN, "password2": GIVEN}
    assert client.post("/admin/auth/user/add/", typed).status_code == 302
    User.objects.filter(username="new").update(is_staff=True)
    return "new"


def made_by_the_command() -> str:
    make_first_administrator(name="first", password=GIVEN)
    return "first"


def set_anew_by_another_administrator() -> str:
    user = User.objects.create_user("old", password="forgotten-password-9", is_staff=True)
    assert not GivenPassword.objects.filter(user=user).exists(), "by no other account"
    client = staff_client("accounts", superuser=True)
    client.handler.enforce_csrf_checks = False
    typed = {"password1": GIVEN, "password2": GIVEN}
    assert client.post(f"/admin/auth/user/{user.pk}/password/", typed).status_code == 302
    return "old"


WAYS = (made_by_another_administrator, made_by_the_command, set_anew_by_another_administrator)


@pytest.mark.parametrize("make", WAYS, ids=lambda make: make.__name__)
def test_it_is_changed_before_any_other_page_opens(make: Callable[[], str]) -> None:
    name = make()
    client = sign_in(name, GIVEN)
    for path in ("/admin/", "/admin/subscriptions/datatype/", "/admin/dashboard/", "/admin/nothing-here/"):
        assert client.get(path)["Location"] == "/admin/password_change/", path
    page = client.get("/admin/password_change/").content.decode()
    assert "다른 사람이 정한 것입니다" in page
    same = client.post("/admin/password_change/", {"old": GIVEN, "new": GIVEN, "again": GIVEN}).content.decode()
    assert "지금 쓰는 비밀번호와 같습니다" in same
    assert client.get("/admin/").status_code == 302
    client.post("/admin/password_change/", {"old": GIVEN, "new": CHOSEN, "again": CHOSEN})
    assert client.get("/admin/").status_code == 200
    assert not GivenPassword.objects.exists()
    assert sign_in(name, CHOSEN).get("/admin/").status_code == 200


def test_an_official_with_a_given_password_may_leave_and_stay_but_nothing_else() -> None:
    official = cast.official("official1", password=GIVEN)
    GivenPassword.objects.create(user=official.user, since="2026-03-10T09:00+09:00")
    client = sign_in("official1", GIVEN, "/officials/")
    assert client.get("/officials/list/")["Location"] == "/officials/password/"
    for path in ("/officials/second-factor/", "/officials/more-time/", "/officials/password/"):
        assert client.get(path).status_code == 200, path
    assert client.post("/officials/logout/")["Location"] == "/officials/login/"


@pytest.fixture
def agency() -> Agency:
    return Agency.objects.first() or Agency.objects.create(code="one", name_ko="기관", name_en="Agency", phone="110")


def test_no_account_is_of_the_staff_and_of_an_agency(agency: Agency) -> None:
    staff = User.objects.create_user("staff1", is_staff=True)
    official, person = cast.official("official1"), User.objects.create_user("person1")
    for user in (staff, official.user):
        with pytest.raises(ValidationError, match="별도 계정"):
            AgencyStaff(user=user, agency=agency).full_clean()
        with refused():
            AgencyStaff.objects.create(user=user, agency=agency)
    AgencyStaff.objects.create(user=person, agency=agency)
    with pytest.raises(ValidationError, match="별도 계정"):
        Official(user=person, office=official.office).full_clean()
    with refused():
        Official.objects.create(user=person, office=official.office)
    with refused():
        User.objects.filter(pk=person.pk).update(is_staff=True)
    client = staff_client("accounts", superuser=True)
    client.handler.enforce_csrf_checks = False
    page = client.get(f"/admin/auth/user/{person.pk}/change/").content.decode()
    typed = dict(re.findall(r'<input type="text" name="([a-z_0-9]+)" value="([^"]*)"', page))
    answer = client.post(f"/admin/auth/user/{person.pk}/change/", typed | {"is_active": "on", "is_staff": "on"})
    assert "별도 계정" in answer.content.decode()


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(IntegrityError), transaction.atomic():
        yield
