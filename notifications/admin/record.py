"""Show records: clear columns to all staff, the rest only for a stated reason."""

import json
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.models import Record
from secretary.kernel.backoffice import AuditedAdmin, FindAdmin, choice_filter
from subscriptions.models import CitizenKey
from subscriptions.triggers import STATES


@admin.register(Record)
class RecordAdmin(AuditedAdmin, FindAdmin):
    list_display = ["external_id", "agency", "data_type", "version", "state", "event", "received_at"]
    list_filter = [choice_filter("state", gettext_lazy("state"), {state: state for state in STATES})]
    list_select_related = ["agency", "data_type"]
    ordering = ["-id"]
    raw_id_fields = ["batch"]
    find_help = gettext_lazy("The agency's number of the record")

    def find(self, text: str) -> tuple[str, QuerySet[Record]]:
        return "agency's number", Record.objects.filter(external_id=text)

    def citizen_of(self, row: Any) -> UUID | None:
        hashes = [bytes(item) for item in (row.ci_hash, row.person_hash) if item is not None]
        return CitizenKey.objects.filter(Q(key_hash__in=hashes)).values_list("citizen_id", flat=True).first()

    def revealed(self, row: Any) -> dict[str, str]:
        return {_("Content"): json.dumps(row.payload, ensure_ascii=False, indent=2)}
