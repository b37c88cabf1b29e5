"""Show pages about one person: each view is on record; names and numbers show only after a reason was given."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.translation import gettext as _

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.backoffice.pages import ReadOnlyAdmin, actor_of
from secretary.kernel.backoffice.reasons import ask_reason
from secretary.kernel.log_ids import bind
from secretary.kernel.time.clock import now


class AuditedAdmin(ReadOnlyAdmin):
    """Every view of one row is written to the audit trail before the page is made.

    A subclass states which citizen a row is about (`citizen_of`) and what can be revealed (`revealed`: label → value).
    """

    change_form_template = "admin/secretary/audited_form.html"
    can_reveal = True
    reveal_permission = "subscriptions.reveal_citizen"  # of its own: a role that may see a row may not yet do this

    def citizen_of(self, row: Any) -> UUID | None:
        """Return the person whom `row` is about; None where the person is unknown."""
        found: UUID | None = row.citizen_id
        return found

    def revealed(self, row: Any) -> dict[str, str]:
        """Personal data of `row` in clear text, by its label. Only called after a reason was recorded."""
        return {}

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_reveal"
        view: Callable[..., HttpResponseBase] = self.admin_site.admin_view(self.reveal_view)
        return [path("<path:object_id>/reveal/", view, name=name), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is not None and self.has_view_permission(request, row):
            self.record(request, row, "looked at")
        context = {"reveal_url": "reveal/" if self.may_reveal(request) else "", **(extra_context or {})}
        return _private(super().change_view(request, object_id, form_url, context))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is not None and self.has_view_permission(request, row):
            self.record(request, row, "looked at history")
        return _private(super().history_view(request, object_id, extra_context))

    def reveal_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Require a reason, record it, show the values once."""
        row = self.get_object(request, object_id)
        if row is None or not self.may_reveal(request) or not self.has_view_permission(request, row):
            raise PermissionDenied
        page = {"title": _("Show personal data"), "subject": str(row), "opts": self.opts, "button": _("Show")}
        context = {**self.admin_site.each_context(request), **page}

        def show(reason: str) -> HttpResponse:
            self.record(request, row, "revealed", reason)
            template = "admin/secretary/revealed.html"
            return self._page(request, template, {**context, "revealed": self.revealed(row)})

        return _private(ask_reason(request, context, then=show))

    def may_reveal(self, request: HttpRequest) -> bool:
        return self.can_reveal and request.user.has_perm(self.reveal_permission)

    def record(self, request: HttpRequest, row: Any, action: str, reason: str = "") -> None:
        bind(**{str(self.opts.model_name): row.pk})
        record_audit(
            now=now(),
            actor=actor_of(request),
            action=action,
            citizen_id=self.citizen_of(row),
            object=f"{self.opts.model_name}:{row.pk}",
            reason=reason,
        )

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        from django.template.response import TemplateResponse

        return TemplateResponse(request, template, context)


def _private(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    patch_cache_control(response, no_store=True)
    return response
