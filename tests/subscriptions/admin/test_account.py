"""Test accounts and second factors in the administration: their owners, the rights to change them, hidden secrets."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from secretary.kernel.models import AuditEvent
from subscriptions.accounts import roles
from tests.subscriptions.admin.ninth_type import staff, staff_client
from tests.support.browser_forms import fill_in

pytestmark = pytest.mark.django_db
DEVICES, USERS = "/admin/otp_totp/totpdevice", "/admin/auth/user"


@pytest.fixture
def officer(db: None) -> Client:
    """An account manager."""
    return staff_client("officer", roles.ACCOUNTS)


def test_a_devices_secret_is_shown_once_and_on_no_page_after_that(officer: Client) -> None:
    person = staff("person", roles.READER)
    shown = fill_in(officer, f"{DEVICES}/add/", user=str(person.pk), name="phone")
    device = TOTPDevice.objects.get()
    page = shown.content.decode()
    assert device.config_url.replace("&", "&amp;") in page
    assert "<svg" in page
    assert "no-store" in shown["Cache-Control"]
    root = staff_client("root", superuser=True)
    secret = device.config_url.partition("secret=")[2].partition("&")[0]
    for client in (officer, root):
        for url in (f"{DEVICES}/", f"{DEVICES}/{device.pk}/change/", f"{DEVICES}/{device.pk}/history/"):
            later = client.get(url, follow=True).content.decode()
            assert device.key not in later
            assert secret not in later
        for gone in ("config", "qrcode"):
            assert client.get(f"{DEVICES}/{device.pk}/{gone}/").status_code in (302, 404)
    made = AuditEvent.objects.get(action="totpdevice created")
    assert device.key not in made.reason
    assert made.actor == f"staff:{User.objects.get(username='officer').pk}"


def test_who_manages_accounts_makes_no_superuser_and_touches_none(officer: Client) -> None:
    root = User.objects.create_superuser("root", password="of-root-1234")
    person = staff("person", roles.READER)
    officer.handler.enforce_csrf_checks = False  # type: ignore[attr-defined]
    typed = {"username": "person", "is_active": "on", "is_staff": "on", "is_superuser": "on", "user_permissions": ["1"]}
    officer.post(f"{USERS}/{person.pk}/change/", typed)
    person.refresh_from_db()
    assert not person.is_superuser
    assert not person.user_permissions.exists()
    new = {"usable_password": "true", "password1": "taken-over-123", "password2": "taken-over-123"}
    assert officer.post(f"{USERS}/{root.pk}/password/", new).status_code == 403
    assert officer.post(f"{USERS}/{root.pk}/change/", {"username": "gone"}).status_code == 403
    officer.post(f"{DEVICES}/add/", {"user": str(root.pk), "name": "mine"})
    assert not TOTPDevice.objects.filter(user=root).exists()


def test_no_account_changes_its_own_rights(officer: Client) -> None:
    me = User.objects.get(username="officer")
    officer.handler.enforce_csrf_checks = False  # type: ignore[attr-defined]
    approver = str(Group.objects.get(name=roles.APPROVER).pk)
    answer = officer.post(f"{USERS}/{me.pk}/change/", {"username": "officer", "groups": [approver]})
    assert answer.status_code == 403
    assert [group.name for group in me.groups.all()] == [roles.ACCOUNTS]


def test_accounts_are_not_deleted(db: None) -> None:
    root = staff_client("root", superuser=True)
    person = staff("person", roles.READER)
    root.handler.enforce_csrf_checks = False  # type: ignore[attr-defined]
    assert root.post(f"{USERS}/{person.pk}/delete/", {"post": "yes"}).status_code == 403
    marked = {"action": "delete_selected", "_selected_action": [person.pk], "post": "yes"}
    root.post(f"{USERS}/", marked)
    assert User.objects.filter(pk=person.pk).exists()


@pytest.mark.parametrize("by", ["page", "shell"])
def test_every_change_of_offices_officials_and_feeds_is_on_the_trail(officer: Client, by: str) -> None:
    from subscriptions.models import Office

    if by == "page":
        fill_in(officer, "/admin/subscriptions/office/add/", code="9911099000", name_ko="없는동", name_en="Nowhere")
    else:
        Office.objects.create(code="9911099000", name_ko="없는동", name_en="Nowhere")
    made = AuditEvent.objects.get(action="office created")
    assert "9911099000" in made.reason
    who = f"staff:{User.objects.get(username='officer').pk}"
    assert made.actor == (who if by == "page" else "system")
