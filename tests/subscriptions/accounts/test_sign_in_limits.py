"""Test that signing in is limited per account and address, per address and per account, on both sites, and that no
stranger locks the owner out for good."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from notifications.models import Alarm
from secretary.kernel.models import AuditEvent
from subscriptions.models import Attempt
from tests.subscriptions import cast

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
PASSWORD = "right-password-1"
SITES = ("/officials/login/", "/admin/login/")


@pytest.fixture
def victim() -> User:
    """A user with access to both sites."""
    user = cast.official("victim").user
    user.is_staff = True
    user.save()
    return user


def sign_in(site: str, username: str, password: str, address: str) -> int:
    answer = Client(REMOTE_ADDR=address).post(site, {"username": username, "password": password})
    return answer.status_code


@pytest.mark.parametrize("site", SITES)
def test_one_password_against_many_accounts_from_one_address_is_stopped(site: str, victim: User) -> None:
    answers = [sign_in(site, f"account{number}", "Summer2026!", "192.0.2.1") for number in range(60)]
    assert answers[:20] == [200] * 20
    assert answers[20:] == [429] * 40
    assert sign_in(site, "victim", PASSWORD, "192.0.2.1") == 429, "nor does the right one get in from there"
    assert sign_in(site, "victim", PASSWORD, "192.0.2.2") == 302, "and all others do"


@pytest.mark.parametrize("site", SITES)
def test_many_addresses_against_one_account_are_stopped(
    site: str, victim: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answers = [sign_in(site, "victim", "wrong", f"192.0.2.{number}") for number in range(1, 31)]
    assert answers == [200] * 20 + [429] * 10
    assert sign_in(site, "victim", PASSWORD, "198.51.100.9") == 429
    assert Alarm.objects.get(kind="sign_in_attack").subject == f"user:{victim.pk}"
    assert AuditEvent.objects.filter(action="sign-in stopped").count() == 1, "a flood fills no trail"


@pytest.mark.parametrize("site", SITES)
def test_a_stranger_does_not_lock_a_person_out_of_where_they_work(site: str, victim: User) -> None:
    assert sign_in(site, "victim", PASSWORD, "203.0.113.5") == 302
    for number in range(1, 41):
        sign_in(site, "victim", "wrong", f"192.0.2.{number}")
    assert sign_in(site, "victim", PASSWORD, "203.0.113.5") == 302


def test_the_pair_is_locked_on_one_site_for_both(victim: User) -> None:
    for _ in range(5):
        sign_in("/admin/login/", "victim", "wrong", "192.0.2.1")
    assert sign_in("/officials/login/", "victim", PASSWORD, "192.0.2.1") == 429
    assert sign_in("/officials/login/", "victim", PASSWORD, "192.0.2.2") == 302


def test_who_gets_in_uses_no_try_up(victim: User) -> None:
    for _ in range(45):
        assert sign_in("/officials/login/", "victim", PASSWORD, "192.0.2.1") == 302
    assert set(Attempt.objects.filter(what__startswith="sign_in").values_list("count", flat=True)) == {0}


def test_what_cannot_be_counted_is_not_done(victim: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: Any) -> int:
        raise RuntimeError("the table is locked")

    monkeypatch.setattr(Attempt, "count_one_more", away)
    with pytest.raises(RuntimeError):
        sign_in("/officials/login/", "victim", PASSWORD, "192.0.2.1")


@pytest.mark.parametrize("site", SITES)
def test_sign_ins_failures_and_sign_outs_are_on_the_trail_without_what_was_typed(site: str, victim: User) -> None:
    client = Client()
    client.post(site, {"username": "victim", "password": "hunter2-typed"})
    client.post(site, {"username": "hunter2-typed", "password": "x"})
    client.post(site, {"username": "victim", "password": PASSWORD})
    client.post("/officials/logout/" if "officials" in site else "/admin/logout/")
    lines = AuditEvent.objects.filter(action__in=["sign-in failed", "signed in", "signed out"]).order_by("pk")
    assert [(line.action, line.object) for line in lines] == [
        ("sign-in failed", f"user:{victim.pk}"),
        ("sign-in failed", "unknown account"),
        ("signed in", f"user:{victim.pk}"),
        ("signed out", f"user:{victim.pk}"),
    ]
    for line in AuditEvent.objects.values_list("actor", "action", "object", "reason"):
        assert not any("hunter2" in part for part in line)
