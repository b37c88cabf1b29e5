"""Test accounts and second factors in the administration: their owners, the rights to change them, hidden secrets."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from secretary.kernel.models import AuditEvent
from secretary.kernel.time.clock import now
from subscriptions.accounts import roles
from subscriptions.accounts.second_factor import renew_codes
from subscriptions.models import AccountChange, Authenticator, RecoveryCode
from tests.subscriptions.admin.ninth_type import staff, staff_client
from tests.support.authenticators import authenticator
from tests.support.browser_forms import fill_in

pytestmark = pytest.mark.django_db
USERS = "/admin/auth/user"


@pytest.fixture
def officer(db: None) -> Client:
    """An account manager."""
    return staff_client("officer", roles.ACCOUNTS)


def test_a_lost_device_is_reset_on_record_and_never_by_or_for_the_wrong_account(officer: Client) -> None:
    person, root = staff("person", roles.READER), User.objects.create_superuser("root")
    owners = Client()
    owners.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    authenticator(person)
    renew_codes(user=person, actor=f"staff:{person.pk}", now=now())
    authenticator(root)
    for account, status in ((person, 302), (root, 403), (User.objects.get(username="officer"), 403)):
        page = f"{USERS}/{account.pk}/step/reset-second-factor/"
        assert officer.get(page).status_code == 200
        officer.handler.enforce_csrf_checks = False  # type: ignore[attr-defined]
        assert officer.post(page, {"reason": ""}).status_code == 200
        assert officer.post(page, {"reason": "분실 신고, 대면 확인"}).status_code == status, account
    assert Authenticator.objects.get().user == root
    assert not RecoveryCode.objects.exists()
    assert owners.get("/admin/")["Location"].startswith("/admin/login/")
    event = AuditEvent.objects.get(action="second factor reset")
    assert (event.object, event.reason) == (f"user:{person.pk}", "분실 신고, 대면 확인")
    assert AccountChange.objects.filter(account=person, what="second factor reset").count() == 1


def test_who_manages_accounts_makes_no_superuser_and_touches_none(officer: Client) -> None:
    root = User.objects.create_superuser("root", password="of-root-1234")
    person = staff("person", roles.READER)
    officer.handler.enforce_csrf_checks = False  # type: ignore[attr-defined]
    typed = {"username": "person", "is_active": "on", "is_staff": "on", "is_superuser": "on", "user_permissions": ["1"]}
    officer.post(f"{USERS}/{person.pk}/change/", typed)
    person.refresh_from_db()
    assert not person.is_superuser
    assert not person.user_permissions.exists()
    new = {"password1": "taken-over-123", "password2": "taken-over-123"}
    assert officer.post(f"{USERS}/{root.pk}/password/", new).status_code == 403
    assert officer.post(f"{USERS}/{root.pk}/change/", {"username": "gone"}).status_code == 403


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
