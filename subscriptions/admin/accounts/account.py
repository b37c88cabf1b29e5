"""Manage accounts, roles and second factors: by accounts with the role for it, with every change on the trail."""

from collections.abc import Mapping
from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import ModelMultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from secretary.kernel.backoffice import PlainAdmin, ReadOnlyAdmin
from secretary.kernel.backoffice.pages import BaseAdmin
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.time.clock import now
from subscriptions.accounts.roles import ROLES
from subscriptions.accounts.second_factor import reset_second_factor
from subscriptions.admin.accounts.rights import right_words, rights_of_pages
from subscriptions.models import AccountChange, AgencyStaff
from subscriptions.models.staff import TWO_SIDES

for replaced in (User, Group, TOTPDevice, AccessAttempt, AccessFailureLog, AccessLog):
    if admin.site.is_registered(replaced):
        admin.site.unregister(replaced)

ONLY_SUPERUSERS = ("is_superuser", "user_permissions")
READ_ONLY: dict[Any, Any] = {"permissions": "rights", "user_permissions": "rights", "is_superuser": "is_above_all"}
# What was changed of an account (accounts/account_changes.py): names of columns, and of links to roles and rights.
CHANGED: Mapping[str, Any] = {
    "created": _("created"),
    "deleted": _("deleted"),
    "changed": _("changed"),
    "password": _("password"),
    "username": _("user name"),
    "is_active": _("switched on or off"),
    "is_staff": _("staff status"),
    "is_superuser": _("superuser status"),
    "email": _("mail address"),
    "first_name": _("first name"),
    "last_name": _("last name"),
    "groups": _("roles"),
    "permissions": _("rights"),
    "permissions of group": _("rights of a role"),
    "second factor": _("second factor"),
    "confirmed": _("confirmed"),
    "key_encrypted": _("replaced"),
}


class AccountForm(UserChangeForm):  # type: ignore[type-arg]
    def clean_is_staff(self) -> bool:
        is_staff = bool(self.cleaned_data["is_staff"])
        if is_staff and AgencyStaff.objects.filter(user=self.instance.pk).exists():
            raise ValidationError(TWO_SIDES)
        return is_staff


class GivenPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """A new password. No account is without one: who must not sign in is switched off."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        for field in self.fields.values():
            field.required = True


class RightsField(ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Rights to pages of the administration, in words."""

    def label_from_instance(self, obj: Permission) -> str:
        return right_words(obj)


class _GivesRights(BaseAdmin):
    """A page on which rights are given: those of its own pages alone, each in words."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields, with what may only be read in words."""
        found = super().get_fieldsets(request, obj)
        only_read = self.get_readonly_fields(request, obj)
        may_change = obj is None or self.has_change_permission(request, obj)
        read = READ_ONLY if not may_change else {name: READ_ONLY[name] for name in READ_ONLY if name in only_read}
        return [
            (name, {**options, "fields": [read.get(each, each) for each in options["fields"]]})
            for name, options in found
        ]

    @admin.display(description=_("rights"))
    def rights(self, row: Any) -> str:
        held = row.permissions if isinstance(row, Group) else row.user_permissions
        return "; ".join(right_words(right) for right in held.select_related("content_type")) or "–"

    @admin.display(description=_("superuser status"))
    def is_above_all(self, row: User) -> str:
        return gettext("yes") if row.is_superuser else gettext("no")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.remote_field.model is Permission:
            kwargs |= {"form_class": RightsField, "queryset": rights_of_pages()}
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(User)
class AccountAdmin(_GivesRights, StepsAdmin, UserAdmin):  # type: ignore[type-arg]
    """Accounts are switched off, never deleted: the trail names them. No account changes its own rights, and only a
    superuser makes or changes a superuser, or resets the second factor of one."""

    list_display = ["username", "is_active", "is_staff", "is_superuser", "last_login"]
    filter_horizontal = ()
    form = AccountForm
    change_password_form = GivenPasswordForm
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "password1", "password2")}),)

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
        mine = ("last_login", "date_joined", *READ_ONLY.values())
        return mine if _is_superuser(request) else (*mine, *ONLY_SUPERUSERS)

    def _reset(self, request: HttpRequest, account: User, reason: str) -> str:
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        assert isinstance(request.user, User)
        reset_second_factor(account=account, by=request.user, reason=reason, now=now())
        return gettext("The second factor is reset. At the next sign-in the person sets up a new one.")


@admin.register(Group)
class RoleAdmin(_GivesRights, PlainAdmin, GroupAdmin):  # type: ignore[misc]
    """The shipped roles have the rights of the release (accounts/roles.py); others can be added."""

    filter_horizontal = ()  # its boxes to filter by have no role that names them

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.name not in ROLES) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.name not in ROLES) and super().has_delete_permission(request, obj)


@admin.register(AccountChange)
class AccountChangeAdmin(ReadOnlyAdmin):
    list_display = ["at", "account", "done", "by_id"]
    fields = ["at", "account", "done", "by_id"]
    readonly_fields = ["done"]
    list_select_related = ["account"]
    search_fields = ["account__username"]

    @admin.display(description=_("action"), ordering="what")
    def done(self, row: AccountChange) -> str:
        device, _blank, deed = row.what.rpartition(" ")
        if device == "second factor":
            return f"{CHANGED[device]}: {CHANGED.get(deed, deed)}"
        return ", ".join(str(CHANGED.get(name, name)) for name in row.what.split(","))


class _SignInsAdmin(ReadOnlyAdmin):
    """Rows of the library that counts sign-ins, which calls them in English: here by what they are and their number."""

    change_form_template = "admin/secretary/numbered_form.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        named = {"subtitle": f"{self.opts.verbose_name} {object_id}"}
        return super().change_view(request, object_id, form_url, {**named, **(extra_context or {})})

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Nothing of these rows is changed here, so that they have no history."""
        raise Http404


@admin.register(AccessAttempt)
class AccessAttemptAdmin(_SignInsAdmin):
    """Show the form again without its input (`post_data`)."""

    list_display = ["attempt_time", "username", "ip_address", "failures_since_start"]
    fields = ["attempt_time", "username", "ip_address", "user_agent", "path_info", "failures_since_start"]
    search_fields = ["username", "ip_address"]


@admin.register(AccessFailureLog)
class AccessFailureLogAdmin(_SignInsAdmin):
    list_display = ["attempt_time", "username", "ip_address", "path_info", "locked_out"]
    fields = ["attempt_time", "username", "ip_address", "user_agent", "path_info", "locked_out"]
    search_fields = ["username", "ip_address"]


@admin.register(AccessLog)
class AccessLogAdmin(_SignInsAdmin):
    list_display = ["attempt_time", "logout_time", "username", "ip_address"]
    fields = ["attempt_time", "logout_time", "username", "ip_address", "user_agent", "path_info"]
    search_fields = ["username", "ip_address"]


def _is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
