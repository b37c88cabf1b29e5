"""Test that an agency's texts and the vendors' codes need a second person, and which accounts count as one."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, transaction
from django.test import Client

from secretary.kernel.models import AuditEvent
from secretary.kernel.time.clock import now
from subscriptions.accounts import roles
from subscriptions.accounts.approvers import why_not_approve
from subscriptions.models import AccountChange, Agency, DataType, DataTypeVersion, MessageTemplate
from tests.subscriptions.admin.ninth_type import CODE, approve, publish, staff, staff_client
from tests.support.authenticators import authenticator
from tests.support.browser_forms import fill_in

pytestmark = pytest.mark.django_db
VERSIONS = "/admin/subscriptions/datatypeversion"
USERS = "/admin/auth/user"


def change_phone(who: Client, phone: str = "060-000-0000") -> Agency:
    owner = Agency.objects.get(code="mofa")
    fill_in(who, f"/admin/subscriptions/agency/{owner.pk}/change/", phone=phone)
    owner.refresh_from_db()
    assert owner.phone == phone
    return owner


def new_version(author: Client, data_type: DataType) -> str:
    fill_in(author, f"{VERSIONS}/{data_type.live_version_id}/change/", action="new-draft/")
    second = data_type.versions.get(number=2)
    return f"{VERSIONS}/{second.pk}/change/"


def post(client: Client, url: str, **data: Any) -> Any:
    client.handler.enforce_csrf_checks = False  # type: ignore[attr-defined]
    return client.post(url, data)


def test_an_agencys_new_telephone_reaches_citizens_with_the_next_approved_version(
    draft: str, alice: Client, bob: Client
) -> None:
    data_type = publish(alice, bob, draft)
    assert (data_type.agency_name("ko"), data_type.agency_phone()) == ("외교부", "02-3210-0404")
    owner = change_phone(alice)
    event = AuditEvent.objects.get(action="agency changed")
    assert event.actor == f"staff:{User.objects.get(username='alice').pk}"
    assert "phone: 02-3210-0404 → 060-000-0000" in event.reason
    data_type = DataType.objects.get(code=CODE)
    assert data_type.agency_phone() == "02-3210-0404"
    second = new_version(bob, data_type)
    fill_in(bob, second, action="submit/")
    third = staff_client("third")
    assert "<del>02-3210-0404</del> → <ins>060-000-0000</ins>" in third.get(second).content.decode()
    shown = third.get(second.replace("change/", f"differences/{data_type.live_version_id}/")).content.decode()
    assert "기관 문의 전화" in shown and "agency_phone" not in shown
    approve(third, second)
    assert DataType.objects.get(code=CODE).agency_phone() == "060-000-0000"
    owner.refresh_from_db()
    assert owner.edited_by == []


def test_who_changed_the_telephone_cannot_approve_the_version_that_shows_it(
    draft: str, alice: Client, bob: Client
) -> None:
    data_type = publish(alice, bob, draft)
    change_phone(alice)
    second = new_version(bob, data_type)
    fill_in(bob, second, action="submit/")
    post(alice, second.replace("change/", "approve/"))
    assert data_type.versions.get(number=2).state == "review"


def test_a_change_after_submitting_is_not_in_what_is_approved(draft: str, alice: Client, bob: Client) -> None:
    fill_in(alice, draft, action="submit/")
    change_phone(alice)
    approve(bob, draft)
    assert DataType.objects.get(code=CODE).agency_phone() == "02-3210-0404"


def test_the_database_keeps_what_was_approved(draft: str, alice: Client, bob: Client) -> None:
    live = publish(alice, bob, draft).live_version
    assert live is not None
    with pytest.raises(DatabaseError, match="approve a new version"), transaction.atomic():
        DataTypeVersion.objects.filter(pk=live.pk).update(agency_phone="060-000-0000")


def test_a_code_typed_for_a_live_template_counts_once_another_person_has_approved_it(
    draft: str, alice: Client, bob: Client
) -> None:
    live = publish(alice, bob, draft).live_version
    assert live is not None
    stage = live.stages.get(code="d30")
    template = MessageTemplate.objects.get(stage=stage, channel="kakaotalk", language="ko")
    url = f"{VERSIONS}/{live.pk}/stages/{stage.pk}/templates/kakaotalk/ko/"
    fill_in(bob, url, action="template-code/", vendor_template="KA01TP")
    template.refresh_from_db()
    assert template.vendor_template == ""
    post(bob, f"{url}template-code/decision/", code="KA01TP")
    template.refresh_from_db()
    assert template.vendor_template == ""
    fill_in(alice, url, action="decision/")
    template.refresh_from_db()
    assert (template.vendor_template, template.proposed_by_id) == ("KA01TP", None)
    actions = AuditEvent.objects.filter(action__startswith="template code").order_by("pk")
    assert [event.action for event in actions] == ["template code proposed", "template code approved"]


def test_a_further_providers_code_is_entered_and_approved_beside_the_firsts(
    draft: str, alice: Client, bob: Client, settings: Any
) -> None:
    settings.CHANNELS = {**settings.CHANNELS, "kakaotalk": "nhn_alimtalk,solapi_alimtalk"}
    live = publish(alice, bob, draft).live_version
    assert live is not None
    stage = live.stages.get(code="d30")
    template = MessageTemplate.objects.get(stage=stage, channel="kakaotalk", language="ko")
    url = f"{VERSIONS}/{live.pk}/stages/{stage.pk}/templates/kakaotalk/ko/"
    assert "추가 중계사 <code>solapi_alimtalk</code>" in bob.get(url).content.decode()
    key = {"variant": "solapi_alimtalk:"}
    post(bob, f"{url}template-code/", vendor_template="KA-S", **key)
    post(bob, f"{url}template-code/decision/", code="KA-S", **key)
    assert template.variants.get().vendor_template == ""
    post(alice, f"{url}template-code/decision/", code="KA-S", **key)
    template.refresh_from_db()
    assert (template.vendor_template, template.variants.get().vendor_template) == ("", "KA-S")


def test_another_code_than_the_one_looked_at_is_not_approved(draft: str, alice: Client, bob: Client) -> None:
    live = publish(alice, bob, draft).live_version
    assert live is not None
    stage = live.stages.get(code="d30")
    url = f"{VERSIONS}/{live.pk}/stages/{stage.pk}/templates/kakaotalk/ko/"
    fill_in(bob, url, action="template-code/", vendor_template="looked-at")
    fill_in(bob, url, action="template-code/", vendor_template="slipped-in")
    post(alice, f"{url}template-code/decision/", code="looked-at")
    assert stage.templates.get(channel="kakaotalk", language="ko").vendor_template == ""


def test_who_types_a_code_into_a_draft_is_one_of_its_authors(draft: str, alice: Client, bob: Client) -> None:
    stage = DataTypeVersion.objects.get().stages.get(code="d30")
    base = draft.replace("change/", f"stages/{stage.pk}/templates/kakaotalk/ko/")
    fill_in(bob, base, action="template-code/", vendor_template="of-bob")
    fill_in(alice, draft, action="submit/")
    post(bob, draft.replace("change/", "approve/"))
    assert DataTypeVersion.objects.get().state == "review"


def test_who_manages_accounts_approves_nothing(draft: str, alice: Client) -> None:
    fill_in(alice, draft, action="submit/")
    staff("carol", roles.ACCOUNTS, roles.APPROVER)
    for client in (staff_client("root", superuser=True), staff_client("carol", roles.ACCOUNTS, roles.APPROVER)):
        post(client, draft.replace("change/", "approve/"))
        assert DataTypeVersion.objects.get().state == "review"


def test_a_second_account_of_ones_own_approves_nothing(draft: str, alice: Client, settings: Any) -> None:
    """A real case: an administrator made a second account in three requests and approved with it."""
    settings.APPROVER_WAIT_HOURS = 72
    fill_in(alice, draft, action="submit/")
    author = User.objects.get(username="alice")
    author.groups.add(Group.objects.get(name=roles.ACCOUNTS))
    password = {"password1": "made-in-a-minute-1", "password2": "made-in-a-minute-1"}
    made = fill_in(alice, f"{USERS}/add/", username="second", **password)
    assert made.status_code == 200
    second = User.objects.get(username="second")
    approver = str(Group.objects.get(name=roles.APPROVER).pk)
    fill_in(alice, f"{USERS}/{second.pk}/change/", is_staff="on", groups=approver)
    client = Client()
    client.force_login(second, backend="django.contrib.auth.backends.ModelBackend")
    client.post(draft.replace("change/", "approve/"))
    assert DataTypeVersion.objects.get().state == "review"
    trail = AuditEvent.objects.filter(object=f"user:{second.pk}", actor=f"staff:{author.pk}")
    assert {"user created", "user changed", "groups added"} <= set(trail.values_list("action", flat=True))
    AccountChange.objects.update(at=now() - timedelta(hours=73))  # the wait is over, but alice made the account
    client.post(draft.replace("change/", "approve/"))
    assert DataTypeVersion.objects.get().state == "review"


def test_hands_reach_over_accounts_in_between(db: None) -> None:
    first, between, last = (User.objects.create_user(name) for name in ("first", "between", "last"))
    old = now() - timedelta(days=30)
    AccountChange.objects.create(account=between, by_id=first.pk, what="created", at=old)
    AccountChange.objects.create(account=last, by_id=between.pk, what="created", at=old)
    assert why_not_approve(by=last, authors=[first.pk], now=now())
    assert not why_not_approve(by=last, authors=[last.pk + 1], now=now())


@pytest.mark.parametrize("change", ["password", "groups", "device", "removed device", "active"])
def test_a_changed_account_waits_before_it_approves_again(db: None, settings: Any, change: str) -> None:
    settings.APPROVER_WAIT_HOURS = 72
    user = staff("dora", roles.APPROVER)
    device = authenticator(user)
    AccountChange.objects.all().delete()
    assert not why_not_approve(by=user, authors=[], now=now())
    if change == "password":
        user.set_password("another-password-1")
        user.save()
    elif change == "groups":
        user.groups.add(Group.objects.get(name=roles.READER))
    elif change == "device":
        authenticator(user)
    elif change == "removed device":
        device.delete()
    else:
        user.is_active = False
        user.save()
    assert why_not_approve(by=user, authors=[], now=now())
    assert not why_not_approve(by=user, authors=[], now=now() + timedelta(hours=72, minutes=1))


def test_signing_in_and_using_a_device_changes_no_account(db: None, settings: Any) -> None:
    settings.APPROVER_WAIT_HOURS = 72
    user = staff("dora", roles.APPROVER)
    device = authenticator(user)
    AccountChange.objects.all().delete()
    device.verify_token("123456")
    Client().force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert not AccountChange.objects.exists()
