from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from notifications.intake.refusal_words import OTHERWISE, REMEDIES
from notifications.models import BatchFigures, FeedRun, IngestBatch, PushMessage, RefusedLine
from notifications.models.feed_run import RUN_STATES, VERSION_ADVICE
from secretary.kernel.backoffice import ReadOnlyAdmin, choice_filter
from secretary.kernel.backoffice.filters import null_filter
from secretary.kernel.persons.identifiers import row_number

COUNTED = ("read", "new", "changed", "duplicate", "refused")


@admin.register(FeedRun)
class FeedRunAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "feed", "outcome", "dry_run", "replay", *COUNTED, "message"]
    list_filter = ["feed", choice_filter("state", _("state"), RUN_STATES), "dry_run"]
    list_select_related = ["feed"]
    ordering = ["-id"]
    fields = ["feed", "outcome", "dry_run", "replay", "started_at", "finished_at", "alive_at", "message", "advised"]
    readonly_fields = ["outcome", "advised"]
    change_form_template = "admin/secretary/feed_run_form.html"

    @admin.display(description=_("state"))
    def outcome(self, row: FeedRun) -> str:
        return str(RUN_STATES[row.state])

    @admin.display(description=_("versions"))
    def advised(self, row: FeedRun) -> str:
        return str(VERSION_ADVICE.get(row.advice, "–"))

    def change_view(self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        run = self.get_object(request, object_id)
        refused = RefusedLine.objects.filter(run=row_number(object_id)).order_by("id")[:200]
        lines = [(line, REMEDIES.get(line.reason, OTHERWISE)) for line in refused]
        return super().change_view(request, object_id, form_url, {"lines": lines, "run": run, **(extra_context or {})})


@admin.register(RefusedLine)
class RefusedLineAdmin(ReadOnlyAdmin):
    list_display = ["id", "run_id", "place", "line", "external_id", "reason", "detail", "value"]
    value_words = {"reason": REMEDIES}
    ordering = ["-id"]
    raw_id_fields = ["run"]
    search_fields = ["=external_id"]
    search_help_text = _("The agency's number")


@admin.register(IngestBatch)
class IngestBatchAdmin(ReadOnlyAdmin):
    list_display = ["id", "run_id", "records", "created_at", "matched_at"]
    list_filter = [null_filter("matched_at", _("matched"), empty=_("not yet"), filled=_("matched"))]
    ordering = ["-id"]


@admin.register(PushMessage)
class PushMessageAdmin(ReadOnlyAdmin):
    list_display = ["id", "feed", "message_id", "received_at", "run_id"]
    list_select_related = ["feed"]
    ordering = ["-id"]


@admin.register(BatchFigures)
class BatchFiguresAdmin(ReadOnlyAdmin):
    list_display = [
        "run_id",
        "counted_at",
        "records",
        "notified",
        "delivered",
        "under_way",
        "failed",
        "not_sent",
        "paid",
    ]
    ordering = ["-id"]
