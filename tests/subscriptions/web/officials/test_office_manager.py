"""The office manager sees what her office does and decides who works there; she registers and unmasks no person."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from time_machine import TimeMachineFixture

from secretary.kernel.models import AuditEvent
from subscriptions.accounts.approvers import manages_accounts
from subscriptions.models import BulkUpload, Invitation, Official
from tests.subscriptions import cast
from tests.support.authenticators import code_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("offered")]
PASSWORD = "right-password-1"
STAFF, ACCEPT = "/officials/staff/", "/officials/invitation/"
CHOSEN = {"new": "an-entirely-new-one-2", "again": "an-entirely-new-one-2"}


@pytest.fixture
def manager() -> Official:
    official = cast.official("manager")
    Official.objects.filter(pk=official.pk).update(manager=True)
    official.refresh_from_db()
    return official


@pytest.fixture
def hers(manager: Official) -> Client:
    client = Client()
    answer = client.post("/officials/login/", {"username": "manager", "password": PASSWORD})
    assert answer["Location"] == "/officials/list/"
    return client


def invited(hers: Client, username: str = "newcomer") -> str:
    page = hers.post(STAFF, {"new_name": username}, follow=True).content.decode()
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", page)
    assert code
    return code[0]


def test_an_invited_official_chooses_the_password_and_sets_up_the_second_factor(
    hers: Client, manager: Official, client: Client, settings: Any
) -> None:
    code = invited(hers)
    newcomer = User.objects.get(username="newcomer")
    assert newcomer.official.office == manager.office and not newcomer.official.manager
    assert not newcomer.has_usable_password() and not newcomer.is_staff
    assert code.replace("-", "").encode() not in bytes(Invitation.objects.get().code_hash)
    assert "초대함" in hers.get(STAFF).content.decode()
    settings.STAFF_TOTP_REQUIRED = True
    typed = {"username": "newcomer", "code": code.lower().replace("-", " ")} | CHOSEN
    for wrong in ({"code": "00000-00000"}, {"username": "not-invited"}, {"again": "other-words-3"}, {"new": "short"}):
        assert client.post(ACCEPT, typed | wrong).status_code == 200, wrong
    assert client.post(ACCEPT, typed)["Location"] == "/officials/login/set-up/"
    page = client.get("/officials/login/set-up/").content.decode()
    client.post("/officials/login/set-up/", {"code": code_for(page)})
    assert client.get("/officials/").status_code == 200
    assert Client().post(ACCEPT, typed).status_code == 200, "a code works once"
    trail = AuditEvent.objects.filter(action__in=("official invited", "invitation accepted")).order_by("id")
    place = f"official:{newcomer.official.pk}"
    assert list(trail.values_list("actor", "object")) == [
        (f"official:{manager.pk}", place),
        (place, f"user:{newcomer.pk}"),
    ]


def test_an_invitation_ends_and_a_new_code_ends_the_one_before(
    hers: Client, client: Client, clock: TimeMachineFixture, settings: Any
) -> None:
    settings.STAFF_SESSION_HOURS = settings.SESSION_COOKIE_AGE = 10**6
    first = invited(hers)
    member = f"{STAFF}{Official.objects.get(user__username='newcomer').pk}/"
    again = hers.post(member, {"renew": "on"}, follow=True).content.decode()
    assert first not in again
    assert client.post(ACCEPT, {"username": "newcomer", "code": first} | CHOSEN).status_code == 200
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", again)
    assert code
    clock.shift(timedelta(days=settings.STAFF_ENROL_DAYS))
    assert client.post(ACCEPT, {"username": "newcomer", "code": code[0]} | CHOSEN).status_code == 200
    assert not User.objects.get(username="newcomer").has_usable_password()


def test_a_taken_or_strange_name_is_refused(hers: Client) -> None:
    cast.official("taken", "9911052000")
    for name in ("taken", "TAKEN", "ab", "홍길동", "two words"):
        assert "error-summary" in hers.post(STAFF, {"new_name": name}, follow=True).content.decode()
    assert Official.objects.count() == 2


def test_access_is_switched_off_at_once_and_on_again_on_record(hers: Client, manager: Official) -> None:
    official, client = cast.official("official"), Client()
    client.post("/officials/login/", {"username": "official", "password": PASSWORD})
    page = f"{STAFF}{official.pk}/"
    assert hers.post(page, {"reason": ""})["Location"] == page
    assert client.get("/officials/").status_code == 200
    hers.post(page, {"reason": "다른 부서로 이동"})
    assert client.get("/officials/").status_code == 302
    assert client.post("/officials/login/", {"username": "official", "password": PASSWORD}).status_code == 200
    hers.post(page, {"reason": "다시 담당"})
    assert client.post("/officials/login/", {"username": "official", "password": PASSWORD}).status_code == 302
    lines = AuditEvent.objects.filter(action__startswith="official switched", object=f"official:{official.pk}")
    assert sorted(lines.values_list("actor", "action", "reason")) == [
        (f"official:{manager.pk}", "official switched off", "다른 부서로 이동"),
        (f"official:{manager.pk}", "official switched on", "다시 담당"),
    ]


def test_another_offices_official_and_another_manager_are_not_there(hers: Client, manager: Official) -> None:
    other, peer = cast.official("other", "9911052000"), cast.official("peer")
    Official.objects.filter(pk=peer.pk).update(manager=True)
    for official in (other, peer, manager):
        assert hers.get(f"{STAFF}{official.pk}/").status_code == 404
        assert hers.post(f"{STAFF}{official.pk}/", {"reason": "궁금합니다"}).status_code == 404
        assert AuditEvent.objects.filter(action="official.refused", object=f"official:{official.pk}").count() == 2
    assert "other" not in hers.get(STAFF).content.decode()
    assert Official.objects.filter(active=True).count() == 3


def test_she_sees_the_offices_work_masked_and_changes_none_of_it(hers: Client, manager: Official) -> None:
    official = cast.official("official")
    citizen = cast.register(official)
    made = BulkUpload.objects.create(official=official, uploaded_at=cast.NOW, expires_at=cast.NOW)
    entry = f"/officials/list/{citizen.pk}/"
    page = hers.get(entry).content.decode()
    assert "최**신" in page and "최어르신" not in page and 'name="reason"' not in page
    assert hers.post(entry, {"reason": "궁금합니다"}).status_code == 403
    assert str(made.pk) in hers.get("/officials/lists/").content.decode()
    assert hers.post("/officials/lists/").status_code == 403
    for own in ("figures/", "moves/", "list/", "second-factor/", "password/", "staff/"):
        assert hers.get(f"/officials/{own}").status_code == 200, own
    of_one = [f"list/{citizen.pk}/{page}/" for page in ("end", "move", "correct", "slip")]
    for shut in ("", "slip/", *of_one):
        assert hers.get(f"/officials/{shut}").status_code == 403, shut
        assert hers.post(f"/officials/{shut}").status_code in (403, 405), shut
    assert not AuditEvent.objects.filter(action="registration.revealed").exists()
    assert manages_accounts(manager.user) and not manages_accounts(official.user)
