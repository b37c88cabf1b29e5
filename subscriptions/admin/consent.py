from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from secretary.kernel.backoffice import AuditedAdmin, FindAdmin, ReadOnlyAdmin, choice_filter
from secretary.kernel.backoffice.filters import null_filter
from subscriptions.admin.editor.place_words import LANGUAGE_NAMES
from subscriptions.admin.find import find_citizens
from subscriptions.models import Consent, ConsentText, DataTypeVersion


@admin.register(ConsentText)
class ConsentTextAdmin(ReadOnlyAdmin):
    """Read-only: a changed text is a new version, made in the data type editor."""

    list_display = ["named", "number", "required", "sensitive", "created_at"]
    list_filter = ["required", "sensitive"]
    search_fields = ["code"]
    exclude = ["code", "digest"]
    readonly_fields = ["named"]

    @admin.display(description=_("consent text"), ordering="code")
    def named(self, row: ConsentText) -> str:
        return row.item()


METHODS = {"web": _("on the web"), "paper": _("on paper")}


@admin.register(Consent)
class ConsentAdmin(AuditedAdmin, FindAdmin):
    list_display = ["id", "citizen_id", "item", "method", "given_at", "withdrawn_at"]
    value_words = {"method": METHODS, "language": LANGUAGE_NAMES}
    list_filter = [
        choice_filter("method", _("method of consent"), METHODS),
        null_filter("withdrawn_at", _("withdrawn"), empty=_("in force"), filled=_("withdrawn")),
    ]
    list_select_related = ["text"]
    ordering = ["-id"]
    can_reveal = False
    find_help = _("The person's phone number, name or id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Consent]:
        """Return the consents, each with the name of its data type."""
        language = "en" if get_language() == "en" else "ko"
        of_text = DataTypeVersion.objects.filter(consent_text=OuterRef("text")).order_by("-number")
        kind = Subquery(of_text.values(f"name_{language}")[:1])
        found: QuerySet[Consent] = super().get_queryset(request).annotate(kind=kind)
        return found

    @admin.display(description=_("text"), ordering="text")
    def item(self, row: Consent) -> str:
        name = getattr(row, "kind", None) or row.text.item()
        return f"{name} v{row.text.number}"

    def find(self, text: str) -> tuple[str, QuerySet[Any]]:
        kind, citizens = find_citizens(text)
        return kind, Consent.objects.filter(citizen__in=citizens)
