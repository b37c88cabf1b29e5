"""Test finding people through hashes, and the audit line of each access."""

from datetime import date

import pytest
from django.contrib.auth.models import User
from django.test import Client

from secretary.kernel.models import AuditEvent
from secretary.kernel.persons.blind_index import person_index
from subscriptions.accounts import roles
from subscriptions.models import Citizen, CitizenKey, Contact
from tests.subscriptions.admin.ninth_type import staff_client
from tests.support.browser_forms import fill_in

pytestmark = pytest.mark.django_db
CITIZENS = "/admin/subscriptions/citizen/"


@pytest.fixture
def gildong(db: None) -> Citizen:
    citizen = Citizen()
    citizen.name, citizen.birth_date = "임꺽정", date(1950, 1, 31)
    citizen.save()
    contact = Contact(citizen=citizen, kind=Contact.PHONE)
    contact.value = "+821000001234"
    contact.save()
    key = person_index("임꺽정", date(1950, 1, 31), "+821000001234")
    CitizenKey.objects.create(citizen=citizen, kind=CitizenKey.PERSON, key_hash=key)
    return citizen


@pytest.mark.parametrize(
    "typed", ["010-0000-1234", "+82 10-0000-1234", "임꺽정", "임 꺽정", "임꺽정 1950-01-31 010-0000-1234"]
)
def test_a_citizen_is_found_by_what_is_encrypted(alice: Client, gildong: Citizen, typed: str) -> None:
    answer = fill_in(alice, CITIZENS, action="find/", text=typed)
    assert answer.redirect_chain[-1][0] == f"{CITIZENS}?pk__in={gildong.pk}"
    page = answer.content.decode()
    assert str(gildong.pk) in page
    assert "임꺽정" not in page


@pytest.mark.parametrize("typed", ["010-0000-1234", "임꺽정"])
def test_the_trail_says_whom_a_search_found(alice: Client, gildong: Citizen, typed: str) -> None:
    fill_in(alice, CITIZENS, action="find/", text=typed)
    found = AuditEvent.objects.get(action="found")
    assert (found.citizen_id, found.actor) == (gildong.pk, f"staff:{User.objects.get(username='alice').pk}")
    assert typed not in found.object


@pytest.mark.parametrize("typed", ["010-0000-9999", "김철수", "임꺽정 1950-02-30 010-0000-1234", "x" * 200])
def test_who_is_not_there_is_not_found_and_the_trail_holds_no_search_words(
    alice: Client, gildong: Citizen, typed: str
) -> None:
    fill_in(alice, CITIZENS, action="find/", text=typed)
    event = AuditEvent.objects.get(action="searched")
    assert event.object.startswith("citizen by ")
    assert typed not in event.object


def test_every_look_is_on_record(alice: Client, gildong: Citizen) -> None:
    staff = User.objects.get(username="alice")
    page = alice.get(f"{CITIZENS}{gildong.pk}/change/")
    assert "임*정" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    event = AuditEvent.objects.get(citizen_id=gildong.pk)
    assert (event.actor, event.citizen_id, event.action) == (f"staff:{staff.pk}", gildong.pk, "looked at")


def test_a_name_shows_only_after_a_reason(alice: Client, gildong: Citizen) -> None:
    url = f"{CITIZENS}{gildong.pk}/reveal/"
    assert "+821000001234" not in alice.get(url).content.decode()
    refused = fill_in(alice, url, reason="")
    assert "+821000001234" not in refused.content.decode()
    assert not AuditEvent.objects.filter(action="revealed").exists()
    shown = fill_in(alice, url, reason="민원 확인 요청")
    assert "+821000001234" in shown.content.decode()
    assert gildong.birth_date.isoformat() not in shown.content.decode()
    assert "1950. 1. 31." in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert AuditEvent.objects.get(action="revealed").reason == "민원 확인 요청"


def test_a_phone_number_is_never_in_the_address(alice: Client, gildong: Citizen) -> None:
    assert alice.get(f"{CITIZENS}find/?text=010-0000-1234").status_code == 405


def test_an_official_who_is_no_staff_gets_nowhere(gildong: Citizen) -> None:
    outsider = Client()
    outsider.force_login(User.objects.create_user("official"), backend="django.contrib.auth.backends.ModelBackend")
    for url in ("/admin/", CITIZENS, f"{CITIZENS}{gildong.pk}/change/", f"{CITIZENS}{gildong.pk}/reveal/"):
        assert outsider.get(url).status_code == 302
    assert not AuditEvent.objects.filter(citizen_id__isnull=False).exists()


def test_looking_at_a_person_is_not_yet_revealing_them(gildong: Citizen) -> None:
    reader = staff_client("reader", roles.READER)
    page = reader.get(f"{CITIZENS}{gildong.pk}/change/")
    assert page.status_code == 200
    assert "reveal/" not in page.content.decode()
    reader.handler.enforce_csrf_checks = False  # type: ignore[attr-defined]
    assert reader.get(f"{CITIZENS}{gildong.pk}/reveal/").status_code == 403
    assert reader.post(f"{CITIZENS}{gildong.pk}/reveal/", {"reason": "just curious"}).status_code == 403
    assert not AuditEvent.objects.filter(action="revealed").exists()


def test_staff_without_the_permission_see_nothing(gildong: Citizen) -> None:
    clerk = Client()
    clerk.force_login(
        User.objects.create_user("clerk", is_staff=True), backend="django.contrib.auth.backends.ModelBackend"
    )
    for path in ("", f"{gildong.pk}/change/", f"{gildong.pk}/reveal/"):
        assert clerk.get(f"{CITIZENS}{path}").status_code == 403
