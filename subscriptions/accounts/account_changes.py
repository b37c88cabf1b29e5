"""Record changes of accounts, offices, agencies and data types on the audit trail; those of accounts also for
`subscriptions.accounts.approvers`."""

from typing import Any

from django.contrib.auth.models import Group, User
from django.utils.translation import gettext_lazy as _

from secretary.kernel.audit.audit import current_account
from secretary.kernel.audit.changes import put_links_on_trail, put_on_trail
from secretary.kernel.time.clock import now
from subscriptions.accounts import given_passwords
from subscriptions.models import AccountChange, Agency, Authenticator, DataType, Office, Official

IN_PASSING = "_changed_by_its_owner"  # set where staff change their own password, or enrol their own authenticator


def watch() -> None:
    """Connect the receivers; called once, when the apps are ready."""
    put_on_trail(
        User,
        shown=("is_active", "is_staff", "is_superuser"),
        named=("username", "password", "email", "first_name", "last_name"),
        noted=_account_changed,
    )
    put_on_trail(Group, shown=("name",))
    put_on_trail(Authenticator, shown=("user_id", "confirmed"), named=("key_encrypted",), noted=_device_changed)
    put_on_trail(Office, shown=("code", "name_ko"))
    put_on_trail(Official, shown=("user_id", "office_id", "manager", "active"))
    put_on_trail(Agency, shown=("phone", "name_ko", "name_en"))
    put_on_trail(DataType, shown=("code", "agency_id", "position", "payable"))
    put_links_on_trail(User.groups.through, name="groups", words=_("roles of an account"), noted=_rights_changed)
    rights, of_role = _("rights of an account"), _("rights of a role")
    put_links_on_trail(User.user_permissions.through, name="permissions", words=rights, noted=_rights_changed)
    put_links_on_trail(Group.permissions.through, name="permissions of group", words=of_role, noted=_group_changed)


def _account_changed(user: User, what: str) -> None:
    if what == "deleted" or not set(what.split(",")) - {"email", "first_name", "last_name"}:
        return
    by_owner, rehashed = user.__dict__.pop(IN_PASSING, False), user._password is None  # type: ignore[attr-defined]
    if what == "password" and (by_owner or rehashed):  # Django upgrades weak password hashes at sign-in
        return
    if {"created", "password"} & set(what.split(",")) and user.has_usable_password():
        given_passwords.note(user)
    _keep(user.pk, what)


def _device_changed(device: Authenticator, what: str) -> None:
    if not device.__dict__.pop(IN_PASSING, False) and User.objects.filter(pk=device.user_id).exists():
        _keep(device.user_id, f"second factor {what}")


def _rights_changed(user: User, what: str) -> None:
    _keep(user.pk, what)


def _group_changed(group: Any, what: str) -> None:
    """Record a change of a role as a change of each account that has it."""
    if isinstance(group, Group):
        for account in group.user_set.values_list("pk", flat=True):
            _keep(account, what)


def _keep(account: int, what: str) -> None:
    AccountChange.objects.create(account_id=account, by_id=current_account(), what=what[:100], at=now())
