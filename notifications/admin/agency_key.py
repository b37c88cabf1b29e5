"""Issue signing keys to agencies: the secret is generated here and shown once."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.agencies.agency_keys import (
    MOST_OVERLAP_DAYS,
    OVERLAP_DAYS,
    NotReplaceable,
    replace_key,
    revoke_key,
)
from notifications.models import AgencyKey
from secretary.kernel.audit.audit import record_audit
from secretary.kernel.backoffice import PlainAdmin, ReasonForm, actor_of
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.http.standard_webhooks import new_secret
from secretary.kernel.time.clock import now


class ReplaceForm(ReasonForm):
    days = forms.IntegerField(
        label=gettext_lazy("Days for which the old key stays valid"),
        min_value=0,
        max_value=MOST_OVERLAP_DAYS,
        initial=OVERLAP_DAYS,
    )
    field_order = ("days", "reason")


@admin.register(AgencyKey)
class AgencyKeyAdmin(StepsAdmin, PlainAdmin):
    list_display = ["key_id", "feed", "created_at", "last_used_at", "ends_at", "revoked_at"]
    list_filter = ["feed"]
    list_select_related = ["feed"]
    readonly_fields = ["created_at", "last_used_at", "ends_at", "revoked_at"]
    change_form_template = "admin/secretary/agency_key_form.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["feed", "key_id", *self.readonly_fields] if obj else list(self.readonly_fields)

    def get_urls(self) -> list[URLPattern]:
        view: Callable[..., HttpResponseBase] = self.admin_site.admin_view(self.replace_view)
        return [path("<path:object_id>/replace/", view, name="notifications_agencykey_replace"), *super().get_urls()]

    def replace_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make the new key, which is valid at once, and show its secret; the old one stays valid for some days."""
        key = self.get_object(request, object_id)
        if not self.may_step(request):
            raise PermissionDenied
        if key is None:
            raise Http404
        form = ReplaceForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            days, reason = form.cleaned_data["days"], form.cleaned_data["reason"]
            try:
                new = replace_key(key=key, overlap_days=days, actor=actor_of(request), reason=reason, now=now())
            except NotReplaceable:
                messages.error(request, _("This key is replaced or revoked already."))
                return HttpResponseRedirect("../change/")
            return self._shown_once(request, new)
        page = {"title": _("Replace the key"), "subject": str(key), "opts": self.opts, "button": _("Make the new key")}
        context = {**self.admin_site.each_context(request), **page, "form": form, "back": "../change/"}
        return TemplateResponse(request, "admin/secretary/reason.html", context)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: AgencyKey, form: Any, change: bool) -> None:
        if not change:
            obj.secret = new_secret()
            place = f"agency_key:{obj.key_id}"
            record_audit(now=now(), actor=actor_of(request), action="agency key made", object=place)
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: AgencyKey, post_url_continue: Any = None) -> HttpResponse:
        return self._shown_once(request, obj)

    def _shown_once(self, request: HttpRequest, obj: AgencyKey) -> HttpResponse:
        """Return the one page that ever shows the secret; it is nowhere in messages, sessions or logs."""
        page = {"title": _("The new key %s") % obj.key_id, "opts": self.opts, "key": obj}
        context = {**self.admin_site.each_context(request), **page}
        response = TemplateResponse(request, "admin/secretary/new_secret.html", context)
        response["Cache-Control"] = "no-store"
        return response

    def steps(self) -> dict[str, Step]:
        return {"revoke": Step(gettext_lazy("Revoke"), self._revoke, lambda row: row.revoked_at is None)}

    def _revoke(self, request: HttpRequest, row: AgencyKey, reason: str) -> str:
        revoke_key(key=row, actor=actor_of(request), reason=reason, now=now())
        return _("The key is revoked. Pushes signed with it are refused from now on.")
