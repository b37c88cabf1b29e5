"""Django admin as the place where administrators work: second factor in production, our name on top."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from secretary.common.clock import now


class SecretaryAdminConfig(AdminConfig):
    default_site = "secretary.admin_site.SecretaryAdminSite"


class SecretaryAdminSite(AdminSite):
    site_header = site_title = _("Public Secretary administration")
    index_title = _("Overview")
    index_template = "admin/secretary/index.html"

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff only, and behind a verified second factor where the installation requires one."""
        if not super().has_permission(request):
            return False
        verified = getattr(request.user, "is_verified", None)
        return not settings.STAFF_TOTP_REQUIRED or bool(verified and verified())

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Name and password, and the code of an authenticator where the installation requires one."""
        if settings.STAFF_TOTP_REQUIRED:
            from django_otp.admin import OTPAdminAuthenticationForm

            self.login_form, self.login_template = OTPAdminAuthenticationForm, "otp/admin111/login.html"
        return super().login(request, extra_context)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from secretary.ops.overview import overview

        response = super().index(request, {"overview": overview(now()), **(extra_context or {})})
        response["Cache-Control"] = "no-store"
        return response
