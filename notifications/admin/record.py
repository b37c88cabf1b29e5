"""Show records: clear columns to all staff, the rest only for a stated reason."""

import json
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from notifications.models import Record
from secretary.kernel.backoffice import AuditedAdmin, FindAdmin, choice_filter
from subscriptions.admin.data_type_version import TRIGGER_NAMES
from subscriptions.admin.editor.stages import STATE_NAMES
from subscriptions.models import CitizenKey


@admin.register(Record)
class RecordAdmin(AuditedAdmin, FindAdmin):
    list_display = ["external_id", "agency", "kind", "version", "state", "event", "received_at"]
    value_words = {"state": STATE_NAMES, "event": TRIGGER_NAMES}
    list_filter = [choice_filter("state", gettext_lazy("state"), STATE_NAMES)]
    list_select_related = ["agency", "data_type__live_version"]
    ordering = ["-id"]
    raw_id_fields = ["batch"]
    find_help = gettext_lazy("The agency's number of the record")

    def find(self, text: str) -> tuple[str, QuerySet[Record]]:
        return "agency's number", Record.objects.filter(external_id=text)

    @admin.display(description=gettext_lazy("data type"))
    def kind(self, row: Record) -> str:
        return row.data_type.name(get_language() or "ko")

    def citizen_of(self, row: Any) -> UUID | None:
        hashes = [bytes(item) for item in (row.ci_hash, row.person_hash) if item is not None]
        return CitizenKey.objects.filter(Q(key_hash__in=hashes)).values_list("citizen_id", flat=True).first()

    def revealed(self, row: Any) -> dict[str, str]:
        return {_("Content"): json.dumps(row.payload, ensure_ascii=False, indent=2)}
