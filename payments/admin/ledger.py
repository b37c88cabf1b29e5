"""Show the ledger, read-only."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Replace
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from payments.models import Journal, LedgerEntry
from payments.words import BILL_STATES, METHODS, PROVIDERS, REFUNDED_BECAUSE, REFUSALS, account_words
from secretary.kernel.audit.code_names import name_codes
from secretary.kernel.backoffice import AuditedAdmin, choice_filter
from secretary.kernel.language import language
from subscriptions.models import Agency

KINDS = {Journal.CAPTURED: gettext_lazy("capture"), Journal.REFUNDED: gettext_lazy("refund")}
name_codes({**BILL_STATES, **METHODS, **PROVIDERS, **REFUNDED_BECAUSE, **REFUSALS})


@admin.register(Journal)
class JournalAdmin(AuditedAdmin):
    value_words = {"kind": KINDS}
    list_display = ["id", "kind", "day", "payment_id", "booked_at"]
    list_filter = [choice_filter("kind", gettext_lazy("kind"), KINDS)]
    list_select_related = False
    raw_id_fields = ["payment", "refund"]
    can_reveal = False

    def citizen_of(self, row: Any) -> UUID | None:
        found: UUID = row.payment.bill.citizen_id
        return found


@admin.register(LedgerEntry)
class LedgerEntryAdmin(AuditedAdmin):
    list_display = ["id", "journal_id", "whose", "amount"]
    fields = ["journal", "whose", "amount"]
    readonly_fields = ["whose"]
    list_select_related = False
    raw_id_fields = ["journal"]
    can_reveal = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEntry]:
        """Return the entries, those of an agency with its name."""
        code = Replace(OuterRef("account"), Value("agency:"), Value(""))
        name = Agency.objects.filter(code=code).values("name_en" if language() == "en" else "name_ko")
        found: QuerySet[LedgerEntry] = super().get_queryset(request).annotate(agency=Subquery(name[:1]))
        return found

    def citizen_of(self, row: Any) -> UUID | None:
        found: UUID = row.journal.payment.bill.citizen_id
        return found

    @admin.display(description=gettext_lazy("account"), ordering="account")
    def whose(self, row: LedgerEntry) -> str:
        return account_words(row.account, agency=getattr(row, "agency", None))
