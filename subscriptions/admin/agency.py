from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from secretary.common.backoffice import PlainAdmin
from subscriptions.models import Agency


@admin.register(Agency)
class AgencyAdmin(PlainAdmin):
    """기관. Its code is in records' encryption and in the API, so it never changes."""

    list_display = ["code", "name_ko", "name_en", "phone"]
    search_fields = ["code", "name_ko", "name_en"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []
