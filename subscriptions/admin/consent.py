from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from secretary.kernel.backoffice import AuditedAdmin, FindAdmin, ReadOnlyAdmin, choice_filter
from secretary.kernel.backoffice.filters import null_filter
from subscriptions.admin.editor.place_words import LANGUAGE_NAMES
from subscriptions.admin.find import find_citizens
from subscriptions.models import Consent, ConsentText


@admin.register(ConsentText)
class ConsentTextAdmin(ReadOnlyAdmin):
    """Read-only: a changed text is a new version, made in the data type editor."""

    list_display = ["code", "number", "required", "sensitive", "created_at"]
    list_filter = ["required", "sensitive"]
    search_fields = ["code"]


METHODS = {"web": _("on the web"), "paper": _("on paper")}


@admin.register(Consent)
class ConsentAdmin(AuditedAdmin, FindAdmin):
    list_display = ["id", "citizen_id", "text", "method", "given_at", "withdrawn_at"]
    value_words = {"method": METHODS, "language": LANGUAGE_NAMES}
    list_filter = [
        choice_filter("method", _("method of consent"), METHODS),
        null_filter("withdrawn_at", _("withdrawn"), empty=_("in force"), filled=_("withdrawn")),
    ]
    list_select_related = ["text"]
    ordering = ["-id"]
    can_reveal = False
    find_help = _("The person's phone number, name or id")

    def find(self, text: str) -> tuple[str, QuerySet[Any]]:
        kind, citizens = find_citizens(text)
        return kind, Consent.objects.filter(citizen__in=citizens)
