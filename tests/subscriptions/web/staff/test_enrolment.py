"""Staff set up their own second factor at the first sign-in, on both sites; each recovery code opens it once."""

import re
from datetime import timedelta
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice
from time_machine import TimeMachineFixture

from secretary.kernel.models import AuditEvent
from subscriptions.accounts.second_factor import EnrolledAlready, enrol, new_secret, renew_codes, reset_second_factor
from subscriptions.models import AccountChange, Authenticator, RecoveryCode
from tests.subscriptions import cast
from tests.support.authenticators import authenticator, code_for, key_on, shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered", "still_clock")]
PASSWORD = {"username": "person", "password": "right-password-1"}
SITES = pytest.mark.parametrize("site", ["/officials/", "/admin/"])


@pytest.fixture
def person(settings: Any) -> User:
    """A user with access to both sites, new."""
    settings.STAFF_TOTP_REQUIRED = True
    user = cast.official("person").user
    user.is_staff = True
    user.save()
    return user


def codes_on(page: str) -> list[str]:
    return re.findall(r"<li>([0-9A-Z]{5}-[0-9A-Z]{5})</li>", page)


@SITES
def test_the_first_sign_in_sets_up_an_authenticator_and_shows_ten_codes_once(
    site: str, client: Client, person: User
) -> None:
    set_up, codes_page = f"{site}login/set-up/", f"{site}second-factor/codes/"
    assert client.post(f"{site}login/", PASSWORD)["Location"] == set_up
    page = client.get(set_up).content.decode()
    assert "<svg" in page and len(key_on(page)) == 32
    assert not re.search(r"[0-9a-f]{40}", page), "no hex key"
    assert client.get(site).status_code == 302
    assert "번호가 맞지 않습니다" in client.post(set_up, {"code": "000000"}).content.decode()
    assert not Authenticator.objects.exists()
    assert client.post(set_up, {"code": code_for(page)})["Location"] == codes_page
    kept = str(dict(client.session))
    codes = codes_on(client.get(codes_page).content.decode())
    assert len(set(codes)) == 10 and codes_on(client.get(codes_page).content.decode()) == codes
    assert client.post(codes_page).status_code == 302
    assert client.get(codes_page)["Location"] == f"{site}second-factor/"
    assert client.get(site).status_code == 200
    stored = b"".join(bytes(row.code_hash) for row in RecoveryCode.objects.all())
    assert not any(code.replace("-", "").encode() in stored or code in kept for code in codes)
    device = Authenticator.objects.get()
    assert device.bin_key not in bytes(device.key_encrypted) and key_on(page) not in kept
    assert [change.what for change in AccountChange.objects.filter(by_id=person.pk)] == ["second factor enrolled"]
    again = Client()
    assert again.post(f"{site}login/", PASSWORD)["Location"] == f"{site}login/code/"


@SITES
def test_each_sign_in_before_has_a_secret_of_its_own(site: str, client: Client, person: User) -> None:
    other = Client()
    pages = []
    for each in (client, other):
        each.post(f"{site}login/", PASSWORD)
        pages.append(each.get(f"{site}login/set-up/").content.decode())
    assert key_on(pages[0]) != key_on(pages[1])
    other.post(f"{site}login/set-up/", {"code": code_for(pages[1])})
    assert client.post(f"{site}login/set-up/", {"code": code_for(pages[0])})["Location"] == f"{site}login/"
    assert Authenticator.objects.count() == 1
    with pytest.raises(EnrolledAlready):  # at the same moment, past the look of the page
        enrol(user=person, secret=new_secret(), actor="visitor", now=cast.NOW)


@SITES
def test_the_password_alone_sets_nothing_up_when_the_time_is_over(
    site: str, client: Client, clock: TimeMachineFixture, person: User, settings: Any
) -> None:
    AccountChange.objects.update(at=cast.NOW)
    clock.shift(timedelta(days=settings.STAFF_ENROL_DAYS))
    page = client.post(f"{site}login/", PASSWORD)
    assert page.status_code == 403 and "기간이 지났습니다" in page.content.decode()
    assert client.get(f"{site}login/set-up/")["Location"] == f"{site}login/"


@SITES
def test_a_recovery_code_opens_once_is_counted_down_and_on_record(site: str, person: User) -> None:
    authenticator(person)
    codes = renew_codes(user=person, actor=f"staff:{person.pk}", now=cast.NOW)

    def tried(code: str) -> Any:
        client = Client()
        client.post(f"{site}login/", PASSWORD)
        assert "복구 코드" in client.get(f"{site}login/code/").content.decode()
        return client, client.post(f"{site}login/recovery/", {"code": code})

    typed = codes[0].replace("-", " ").lower().replace("0", "o").replace("1", "l")
    client, answer = tried(typed)
    assert answer["Location"] == f"{site}second-factor/"
    page = client.get(answer["Location"]).content.decode()
    assert client.get(site).status_code == 200 and re.search(r"<dd>\s*9\s*</dd>", page)
    assert AuditEvent.objects.filter(action="signed in", reason="with a recovery code").count() == 1
    for wrong in (typed, "00000-00000", "nonsense"):
        assert "이미 사용하신 복구 코드" in tried(wrong)[1].content.decode(), wrong
    assert AuditEvent.objects.filter(action="second factor failed").count() == 3


def test_codes_are_renewed_and_the_authenticator_replaced_behind_password_and_code(person: User) -> None:
    client, page = Client(), "/officials/second-factor/"
    device = authenticator(person)
    earlier = renew_codes(user=person, actor=f"staff:{person.pk}", now=cast.NOW)
    client.post("/officials/login/", PASSWORD)
    client.post("/officials/login/code/", {"code": shown(device)})
    AccountChange.objects.all().delete()
    right = {"password": PASSWORD["password"], "code": earlier[0]}
    for wrong in ({"password": "guessed"}, {"code": "AAAAA-AAAAA"}, {"code": "12"}, {"want": ""}):
        assert client.post(page, right | {"want": "codes"} | wrong).status_code == 200
    assert RecoveryCode.objects.filter(used_at=None).count() == 10
    assert client.post(page, right | {"want": "codes"})["Location"] == f"{page}codes/"
    fresh = codes_on(client.get(f"{page}codes/").content.decode())
    assert not set(fresh) & set(earlier) and RecoveryCode.objects.filter(used_at=None).count() == 10
    assert client.get(f"{page}another/")["Location"] == page, "not without the confirmation"
    assert client.post(page, right | {"want": "device", "code": fresh[0]})["Location"] == f"{page}another/"
    shows = client.get(f"{page}another/").content.decode()
    assert client.post(f"{page}another/", {"code": code_for(shows)})["Location"] == f"{page}codes/"
    assert client.get("/officials/").status_code == 200
    assert Authenticator.objects.get().bin_key != device.bin_key
    assert not AccountChange.objects.exists(), "who changes the own factor, with password and code, may go on approving"


def test_the_authenticators_of_the_last_release_go_on(client: Client, person: User) -> None:
    former = TOTPDevice.objects.create(user=person, name="phone", last_t=7)
    TOTPDevice.objects.create(user=cast.official("half-way").user, name="not begun", confirmed=False)
    import_module("subscriptions.migrations.0027_copy_authenticators").copy(apps, None)
    import_module("subscriptions.migrations.0027_copy_authenticators").copy(apps, None)
    device = Authenticator.objects.get()
    assert (device.user, device.bin_key, device.last_t) == (person, former.bin_key, 7)
    client.post("/officials/login/", PASSWORD)
    assert client.post("/officials/login/code/", {"code": shown(device)})["Location"] == "/officials/"
    reset_second_factor(account=person, by=person, reason="분실", now=cast.NOW)
    assert not Authenticator.objects.exists() and [row.name for row in TOTPDevice.objects.all()] == ["not begun"]


def test_clear_secrets_of_the_last_release_are_overwritten_and_come_back(person: User) -> None:
    former = TOTPDevice.objects.create(user=person, name="phone")
    waits = TOTPDevice.objects.create(user=cast.official("half-way").user, name="not begun", confirmed=False)
    import_module("subscriptions.migrations.0027_copy_authenticators").copy(apps, None)
    call_command("overwrite_old_authenticators", stdout=StringIO())
    keys = dict(TOTPDevice.objects.values_list("pk", "key"))
    assert keys[former.pk] != former.key and len(keys[former.pk]) == len(former.key), "no code of it is guessed"
    assert keys[waits.pk] == waits.key, "has no copy"
    assert Authenticator.objects.get().bin_key == former.bin_key
    call_command("overwrite_old_authenticators", "--back", stdout=StringIO())
    assert TOTPDevice.objects.get(pk=former.pk).key == former.key
    trail = AuditEvent.objects.filter(action__startswith="old authenticators").order_by("id")
    assert list(trail.values_list("action", "object")) == [
        ("old authenticators overwritten", "authenticators:1"),
        ("old authenticators written back", "authenticators:1"),
    ]
