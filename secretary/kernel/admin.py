"""Show the audit trail, filtered and exported, and the scheduled runs."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from secretary.kernel.audit.action_words import action_words
from secretary.kernel.audit.code_names import known_codes
from secretary.kernel.backoffice import ReadOnlyAdmin
from secretary.kernel.backoffice.trail_pages import export_trail, show_trail
from secretary.kernel.backoffice.trail_words import actor_words, object_words, reason_words
from secretary.kernel.models import AuditEnd, AuditEvent, AuditLink, AuditPending, ScheduledRun
from secretary.kernel.scheduled_runs import JOBS


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """The list and its export are pages of our own (trail_pages.py): filters with an index each, no count."""

    fields = ["id", "at", "who", "what", "citizen_id", "about", "why", "written_at", "position", "seal"]
    readonly_fields = ["who", "what", "about", "why", "position", "seal"]

    def get_urls(self) -> list[URLPattern]:
        view: Callable[..., HttpResponseBase] = self.admin_site.admin_view(require_POST(self.export_view))
        return [path("export/", view, name="common_auditevent_export"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "opts": self.opts, **(extra_context or {})}
        return show_trail(request, context)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        return export_trail(request)

    @admin.display(description=_("actor"))
    def who(self, row: AuditEvent) -> str:
        return actor_words(row.actor, known_codes())

    @admin.display(description=_("what was done"))
    def what(self, row: AuditEvent) -> str:
        return action_words(row.action)

    @admin.display(description=_("object"))
    def about(self, row: AuditEvent) -> str:
        return object_words(row.object, known_codes()) or "–"

    @admin.display(description=_("reason"))
    def why(self, row: AuditEvent) -> str:
        return reason_words(row.action, row.reason, known_codes()) or "–"

    @admin.display(description=_("position in the chain"))
    def position(self, row: AuditEvent) -> str:
        """Return its place in the chain; "" for the moment until it is sealed."""
        link = getattr(row, "link", None)
        return str(link.position) if link else ""

    @admin.display(description=_("seal"))
    def seal(self, row: AuditEvent) -> str:
        link = getattr(row, "link", None)
        return bytes(link.hash).hex() if link else ""


@admin.register(AuditLink)
class AuditLinkAdmin(ReadOnlyAdmin):
    list_display = ["position", "event_id", "linked_at"]


@admin.register(AuditPending)
class AuditPendingAdmin(ReadOnlyAdmin):
    list_display = ["event_id"]


@admin.register(AuditEnd)
class AuditEndAdmin(ReadOnlyAdmin):
    list_display = ["rule", "after"]


@admin.register(ScheduledRun)
class ScheduledRunAdmin(ReadOnlyAdmin):
    list_display = ["name", "due_at", "started_at"]
    value_words = {"name": JOBS}
