"""Show bills and their quotes; each view is recorded."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import get_language, gettext_lazy

from payments.models import Bill, Quote
from payments.words import BILL_STATES, CLOSED_BECAUSE, TARIFFS
from secretary.kernel.backoffice import AuditedAdmin, FindAdmin, choice_filter
from secretary.kernel.language import as_language
from subscriptions.admin.find import as_uuid, contacts_by_phone


@admin.register(Bill)
class BillAdmin(AuditedAdmin, FindAdmin):
    value_words = {"tariff": TARIFFS, "state": BILL_STATES, "reason": CLOSED_BECAUSE}
    list_display = ["id", "tariff", "record_id", "state", "reason", "citizen_id", "changed_at"]
    list_filter = [
        choice_filter("state", gettext_lazy("state"), BILL_STATES),
        choice_filter("reason", gettext_lazy("reason"), CLOSED_BECAUSE),
    ]
    list_select_related = False
    raw_id_fields = ["record", "citizen"]
    can_reveal = False
    find_help = gettext_lazy("The agency's number, or the person's phone number or id")

    def find(self, text: str) -> tuple[str, QuerySet[Bill]]:
        bills = Bill.objects.order_by("-id")
        if (citizen_id := as_uuid(text)) is not None:
            return "citizen", bills.filter(citizen=citizen_id)
        by_number = bills.filter(record__external_id=text)
        if by_number.exists():
            return "agency's number", by_number
        return "phone", bills.filter(citizen__in=contacts_by_phone(text).values("citizen"))


@admin.register(Quote)
class QuoteAdmin(AuditedAdmin):
    list_display = ["id", "bill_id", "day", "amount", "by_law", "agency_amount", "valid_until", "made_at"]
    exclude = ["detail"]
    readonly_fields = ["calculation"]
    list_select_related = False
    raw_id_fields = ["bill"]
    can_reveal = False

    @admin.display(description=gettext_lazy("calculation"))
    def calculation(self, row: Quote) -> str:
        """Return each step with its amount and article, in the reader's language."""
        steps = row.detail.get("steps", [])
        language = as_language(get_language())
        return "\n".join(f"{each[language]}: ₩{each['amount']:,} ({each['article']})" for each in steps) or "–"

    def citizen_of(self, row: Any) -> UUID | None:
        found: UUID = row.bill.citizen_id
        return found
