"""Issue signing keys to agencies: the secret is generated here and shown once."""

import base64
import secrets
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.models import AgencyKey
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.backoffice import PlainAdmin, actor_of
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.time.clock import now

SECRET_BYTES = 32  # Standard Webhooks: 24 to 64


@admin.register(AgencyKey)
class AgencyKeyAdmin(StepsAdmin, PlainAdmin):
    list_display = ["key_id", "feed", "created_at", "revoked_at"]
    list_filter = ["feed"]
    list_select_related = ["feed"]
    readonly_fields = ["created_at", "revoked_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["feed", "key_id", "created_at", "revoked_at"] if obj else ["created_at", "revoked_at"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: AgencyKey, form: Any, change: bool) -> None:
        if not change:
            obj.secret = new_secret()
            self._record(request, obj, "agency key made", "")
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: AgencyKey, post_url_continue: Any = None) -> HttpResponse:
        """Return the one page that ever shows the secret; it is nowhere in messages, sessions or logs."""
        page = {"title": _("The new key %s") % obj.key_id, "opts": self.opts, "key": obj}
        context = {**self.admin_site.each_context(request), **page}
        response = TemplateResponse(request, "admin/secretary/new_secret.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def steps(self) -> dict[str, Step]:
        return {"revoke": Step(gettext_lazy("Revoke"), self._revoke, lambda row: row.revoked_at is None)}

    def _revoke(self, request: HttpRequest, row: AgencyKey, reason: str) -> str:
        AgencyKey.objects.filter(pk=row.pk, revoked_at__isnull=True).update(revoked_at=now())
        self._record(request, row, "agency key revoked", reason)
        return _("The key is revoked. Pushes signed with it are refused from now on.")

    def _record(self, request: HttpRequest, row: AgencyKey, action: str, reason: str) -> None:
        place = f"agency_key:{row.key_id}"
        record_audit(now=now(), actor=actor_of(request), action=action, object=place, reason=reason)


def new_secret() -> str:
    """`whsec_` and base64 of random bytes, as Standard Webhooks writes a signing secret."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"
