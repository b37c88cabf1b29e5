"""Manage accounts, roles and second factors: by accounts with the role for it, with every change on the trail."""

from typing import Any

import segno
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from secretary.kernel.backoffice import PlainAdmin, ReadOnlyAdmin
from subscriptions.accounts.roles import ROLES
from subscriptions.models import AccountChange

for replaced in (User, Group, TOTPDevice, AccessAttempt, AccessFailureLog, AccessLog):
    if admin.site.is_registered(replaced):
        admin.site.unregister(replaced)

ONLY_SUPERUSERS = ("is_superuser", "user_permissions")


@admin.register(User)
class AccountAdmin(PlainAdmin, UserAdmin):  # type: ignore[type-arg]
    """Accounts are switched off, never deleted: the trail names them. No account changes its own rights, and only a
    superuser makes or changes a superuser."""

    list_display = ["username", "is_active", "is_staff", "is_superuser", "last_login"]
    filter_horizontal = ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and (obj.pk == request.user.pk or (obj.is_superuser and not _is_superuser(request))):
            return False
        return super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        mine = ("last_login", "date_joined")
        return mine if _is_superuser(request) else (*mine, *ONLY_SUPERUSERS)


@admin.register(Group)
class RoleAdmin(PlainAdmin, GroupAdmin):
    """The shipped roles have the rights of the release (accounts/roles.py); others can be added."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.name not in ROLES) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.name not in ROLES) and super().has_delete_permission(request, obj)


class DeviceForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = TOTPDevice
        fields = ["user", "name"]


@admin.register(TOTPDevice)
class SecondFactorAdmin(PlainAdmin):
    """Devices are issued and removed. The secret is generated here and shown only once."""

    form = DeviceForm
    list_display = ["user", "name", "confirmed", "created_at", "last_used_at"]
    list_select_related = ["user"]
    fields = ["user", "name", "confirmed", "created_at", "last_used_at"]
    raw_id_fields = ["user"]
    search_fields = ["user__username"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.user.is_superuser and not _is_superuser(request):
            return False
        return super().has_delete_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj is not None else ["user", "name"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("DeviceFormOfOne", (form,), {"clean_user": _refuse_superusers(request)})

    def response_add(self, request: HttpRequest, obj: TOTPDevice, post_url_continue: Any = None) -> HttpResponse:
        page = {"title": _("The new second factor of %s") % obj.user.get_username(), "opts": self.opts, "device": obj}
        drawn = mark_safe(segno.make(obj.config_url, error="m").svg_inline(scale=5))  # noqa: S308  (our own drawing)
        context = {**self.admin_site.each_context(request), **page, "qr_code": drawn}
        response = TemplateResponse(request, "admin/secretary/new_device.html", context)
        response["Cache-Control"] = "no-store"
        return response


def _refuse_superusers(request: HttpRequest) -> Any:
    def clean_user(form: Any) -> User:
        user: User = form.cleaned_data["user"]
        if user.is_superuser and not _is_superuser(request):
            raise forms.ValidationError(_("Only a superuser gives a superuser a second factor."))
        return user

    return clean_user


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
