"""Declare patterns of agencies' own numbers: entered by one administrator, confirmed by another."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.intake.serials import NotConfirmed, confirm, declare, end, says_nothing
from notifications.models import SerialPattern
from secretary.kernel.backoffice import PlainAdmin
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.time.clock import now

STATES = ["proposed_by_id", "proposed_at", "confirmed_by_id", "confirmed_at", "ended_at"]


class SerialPatternForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_pattern(self) -> str:
        pattern: str = self.cleaned_data["pattern"]
        if says_nothing(pattern):
            raise ValidationError(
                _("Every resident registration number would fit. Write what is fixed in the agency's numbers.")
            )
        return pattern


@admin.register(SerialPattern)
class SerialPatternAdmin(StepsAdmin, PlainAdmin):
    form = SerialPatternForm
    list_display = ["pattern", "feed", *STATES]
    list_filter = ["feed"]
    list_select_related = ["feed"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["feed", "pattern", *STATES] if obj else ["feed", "pattern"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["feed", "pattern", *STATES] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: SerialPattern, form: Any, change: bool) -> None:
        if not change:
            declare(row=obj, by=_account(request), now=now())

    def steps(self) -> dict[str, Step]:
        warning = gettext_lazy(
            "A resident registration number that looks like this would be accepted and kept as a record's number. "
            "Confirm only what the agency has said in writing."
        )
        return {
            "confirm": Step(gettext_lazy("Confirm"), self._confirm, _waits, warning),
            "end": Step(gettext_lazy("Refuse such numbers again"), self._end, lambda row: row.ended_at is None),
        }

    def _confirm(self, request: HttpRequest, row: SerialPattern, reason: str) -> str:
        try:
            confirm(row_id=row.pk, by=_account(request), reason=reason, now=now())
        except NotConfirmed as refused:
            return str(refused)
        return _("Records of this feed with such numbers are accepted from now on.")

    def _end(self, request: HttpRequest, row: SerialPattern, reason: str) -> str:
        end(row_id=row.pk, by=_account(request), reason=reason, now=now())
        return _("Such numbers are refused from now on.")


def _waits(row: SerialPattern) -> bool:
    return row.confirmed_at is None and row.ended_at is None


def _account(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
