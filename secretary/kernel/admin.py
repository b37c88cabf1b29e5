"""Show the audit trail, filtered and exported, and the scheduled runs."""

import csv
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.backoffice import FindAdmin, ReadOnlyAdmin, actor_of
from secretary.kernel.database.tabular import neutralise
from secretary.kernel.models import AuditEnd, AuditEvent, AuditLink, AuditPending, ScheduledRun
from secretary.kernel.time.clock import now

COLUMNS = ("id", "at", "actor", "action", "citizen_id", "object", "reason")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin, FindAdmin):
    list_display = ["at", "actor", "action", "citizen_id", "object", "reason"]
    list_display_links = ["at"]
    actions = ["export"]
    fields = [*COLUMNS, "chain"]
    readonly_fields = ["chain"]
    find_help = _("A person's id, or an actor such as staff:3")

    def find(self, text: str) -> tuple[str, QuerySet[Any]]:
        try:
            return "citizen", AuditEvent.objects.filter(citizen_id=UUID(text))
        except ValueError:
            return "actor", AuditEvent.objects.filter(actor=text)

    @admin.display(description=_("hash"))
    def chain(self, row: AuditEvent) -> str:
        return _seal(row)

    @admin.action(description=_("Export the selected lines (CSV)"), permissions=["view"])
    def export(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> HttpResponse:
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="audit.csv"'
        response["Cache-Control"] = "no-store"
        writer = csv.writer(response)
        writer.writerow([*COLUMNS, "hash"])
        for row in queryset.select_related("link"):
            writer.writerow([*(_plain(getattr(row, name)) for name in COLUMNS), _seal(row)])
        record_audit(now=now(), actor=actor_of(request), action="exported", object="audit trail")
        return response


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


def _seal(event: AuditEvent) -> str:
    """Return the hash that seals it; "" for the moment until it is sealed."""
    link = getattr(event, "link", None)
    return bytes(link.hash).hex() if link else ""


def _plain(value: object) -> str:
    text = value.isoformat() if isinstance(value, datetime) else str("" if value is None else value)
    return neutralise(text)
