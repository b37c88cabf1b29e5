"""Manage accounts, roles and second factors: by accounts with the role for it, with every change on the trail."""

from collections.abc import Mapping
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from secretary.kernel.backoffice import PlainAdmin, ReadOnlyAdmin
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.time.clock import now
from subscriptions.accounts.roles import ROLES
from subscriptions.accounts.second_factor import reset_second_factor
from subscriptions.models import AccountChange, AgencyStaff
from subscriptions.models.staff import TWO_SIDES

for replaced in (User, Group, TOTPDevice, AccessAttempt, AccessFailureLog, AccessLog):
    if admin.site.is_registered(replaced):
        admin.site.unregister(replaced)

ONLY_SUPERUSERS = ("is_superuser", "user_permissions")


class AccountForm(UserChangeForm):  # type: ignore[type-arg]
    def clean_is_staff(self) -> bool:
        is_staff = bool(self.cleaned_data["is_staff"])
        if is_staff and AgencyStaff.objects.filter(user=self.instance.pk).exists():
            raise ValidationError(TWO_SIDES)
        return is_staff


@admin.register(User)
class AccountAdmin(StepsAdmin, UserAdmin):  # type: ignore[type-arg]
    """Accounts are switched off, never deleted: the trail names them. No account changes its own rights, and only a
    superuser makes or changes a superuser, or resets the second factor of one."""

    list_display = ["username", "is_active", "is_staff", "is_superuser", "last_login"]
    filter_horizontal = ()
    form = AccountForm

    def steps(self) -> Mapping[str, Step]:
        warning = _(
            "Do this only after you have checked who asks for it, in person or by calling back. The account signs in "
            "with its password alone once more, sets up a new authenticator, and its session and recovery codes end."
        )
        return {"reset-second-factor": Step(_("Reset the second factor"), self._reset, warning=warning)}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and (obj.pk == request.user.pk or (obj.is_superuser and not _is_superuser(request))):
            return False
        return super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        mine = ("last_login", "date_joined")
        return mine if _is_superuser(request) else (*mine, *ONLY_SUPERUSERS)

    def _reset(self, request: HttpRequest, account: User, reason: str) -> str:
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        assert isinstance(request.user, User)
        reset_second_factor(account=account, by=request.user, reason=reason, now=now())
        return gettext("The second factor is reset. At the next sign-in the person sets up a new one.")


@admin.register(Group)
class RoleAdmin(PlainAdmin, GroupAdmin):
    """The shipped roles have the rights of the release (accounts/roles.py); others can be added."""

    filter_horizontal = ()  # its boxes to filter by have no role that names them

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.name not in ROLES) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.name not in ROLES) and super().has_delete_permission(request, obj)


@admin.register(AccountChange)
class AccountChangeAdmin(ReadOnlyAdmin):
    list_display = ["at", "account", "what", "by_id"]
    list_select_related = ["account"]
    search_fields = ["account__username"]


@admin.register(AccessAttempt)
class AccessAttemptAdmin(ReadOnlyAdmin):
    """Show the form again without its input (`post_data`)."""

    list_display = ["attempt_time", "username", "ip_address", "failures_since_start"]
    fields = ["attempt_time", "username", "ip_address", "user_agent", "path_info", "failures_since_start"]
    search_fields = ["username", "ip_address"]


@admin.register(AccessFailureLog)
class AccessFailureLogAdmin(ReadOnlyAdmin):
    list_display = ["attempt_time", "username", "ip_address", "path_info", "locked_out"]
    fields = ["attempt_time", "username", "ip_address", "user_agent", "path_info", "locked_out"]
    search_fields = ["username", "ip_address"]


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnlyAdmin):
    list_display = ["attempt_time", "logout_time", "username", "ip_address"]
    fields = ["attempt_time", "logout_time", "username", "ip_address", "user_agent", "path_info"]
    search_fields = ["username", "ip_address"]


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
