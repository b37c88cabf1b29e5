"""Django admin as the place where administrators work: second factor in production, our name on top."""

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class SecretaryAdminConfig(AdminConfig):
    default_site = "secretary.admin_site.SecretaryAdminSite"


class SecretaryAdminSite(AdminSite):
    site_header = site_title = _("Public Secretary administration")
    index_title = _("Overview")

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff only, and behind a verified second factor where the installation requires one."""
        if not super().has_permission(request):
            return False
        verified = getattr(request.user, "is_verified", None)
        return not settings.STAFF_TOTP_REQUIRED or bool(verified and verified())
