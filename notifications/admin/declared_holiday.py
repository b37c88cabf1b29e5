"""Enter public holidays that were declared late. Each one moves every deadline that ends on it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.matching.declared_holidays import declare_holiday, withdraw_holiday
from notifications.models import DeclaredHoliday
from secretary.kernel.backoffice import PlainAdmin, actor_of
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.time.clock import now

SHOWN = ["day", "name", "declared_by", "declared_at", "withdrawn_at", "applied_at"]


@admin.register(DeclaredHoliday)
class DeclaredHolidayAdmin(StepsAdmin, PlainAdmin):
    list_display = (*SHOWN,)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return SHOWN if obj else ["day", "name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return SHOWN if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: DeclaredHoliday, form: Any, change: bool) -> None:
        if not change:
            stored = declare_holiday(day=obj.day, name=obj.name, actor=actor_of(request), now=now())
            obj.pk = stored.pk

    def steps(self) -> dict[str, Step]:
        def standing(row: DeclaredHoliday) -> bool:
            return row.withdrawn_at is None

        def withdrawn(row: DeclaredHoliday) -> bool:
            return row.withdrawn_at is not None

        return {
            "withdraw": Step(gettext_lazy("Cancel the holiday"), self._withdraw, standing),
            "again": Step(gettext_lazy("Declare it again"), self._again, withdrawn),
        }

    def _withdraw(self, request: HttpRequest, row: DeclaredHoliday, reason: str) -> str:
        withdraw_holiday(day=row.day, actor=actor_of(request), reason=reason, now=now())
        return _("Deadlines that had moved off this day move back.")

    def _again(self, request: HttpRequest, row: DeclaredHoliday, reason: str) -> str:
        declare_holiday(day=row.day, name=row.name, actor=actor_of(request), now=now())
        return _("Deadlines on this day move to the next working day.")
