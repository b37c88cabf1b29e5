"""Show payments and offer two steps: poll the provider, and request a refund."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payments.admin.timeline import timeline
from payments.checkout.poll_payments import poll_soon
from payments.models import EventCount, Payment, ProviderEvent, Settlement
from payments.refunds.request_refund import RefundRefused, request_refund
from payments.states import CAPTURED, REFUND_LIVE
from payments.words import EVENTS_NOT_KEPT, METHODS, PAYMENT_STATES, PROVIDERS, REFUSALS
from secretary.kernel.backoffice import AuditedAdmin, FindAdmin, ReadOnlyAdmin, choice_filter
from secretary.kernel.backoffice.filters import null_filter
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.enqueue import enqueue
from secretary.kernel.time.clock import now
from subscriptions.admin.find import as_uuid

IN_REVIEW = null_filter("review_since", gettext_lazy("in review"), empty=gettext_lazy("no"), filled=gettext_lazy("yes"))


@admin.register(Payment)
class PaymentAdmin(StepsAdmin, AuditedAdmin, FindAdmin):
    value_words = {"provider": PROVIDERS, "state": PAYMENT_STATES, "reason": REFUSALS}
    list_display = ["order_id", "provider", "amount", "state", "reason", "created_at", "finished_at"]
    list_filter = [choice_filter("state", gettext_lazy("state"), PAYMENT_STATES), IN_REVIEW]
    fields = [
        *("order_id", "bill", "quote", "provider", "vendor_id", "amount", "state", "reason", "code"),
        *("created_at", "confirmed_at", "finished_at", "ask_at", "asked", "fence", "review_since", "left_there"),
    ]
    raw_id_fields = ["bill", "quote"]
    list_select_related = False
    change_form_template = "admin/secretary/timeline_form.html"
    can_reveal = False
    find_help = gettext_lazy("An order, a receipt number, the provider's id, or the person's id")

    def find(self, text: str) -> tuple[str, QuerySet[Payment]]:
        payments = Payment.objects.order_by("-id")
        if (citizen_id := as_uuid(text)) is not None:
            return "citizen", payments.filter(bill__citizen=citizen_id)
        for kind, found in (
            ("order", payments.filter(order_id=text)),
            ("receipt", payments.filter(settlement__receipt_number=text)),
        ):
            if found.exists():
                return kind, found
        return "provider's id", payments.filter(vendor_id=text) if text else payments.none()

    def citizen_of(self, row: Any) -> UUID | None:
        found: UUID = row.bill.citizen_id
        return found

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        audited = request.user.has_perm("common.view_auditevent")
        events = timeline(row, audited=audited) if row is not None else []
        return super().change_view(request, object_id, form_url, {"timeline": events, **(extra_context or {})})

    def steps(self) -> dict[str, Step]:
        warning = gettext_lazy("All that is left of it is refunded, once a second person has approved it.")
        return {
            "poll": Step(gettext_lazy("Poll the provider now"), self._poll),
            "refund": Step(gettext_lazy("Request a refund"), self._refund, _can_be_refunded, warning),
        }

    def _poll(self, request: HttpRequest, row: Payment, reason: str) -> str:
        self.record(request, row, "payment.asked", reason)
        poll_soon(payment_ids=[row.pk])
        enqueue("payments.ask")
        return _("A worker is polling the provider. Reload this page in a moment.")

    def _refund(self, request: HttpRequest, row: Payment, reason: str) -> str:
        assert request.user.is_authenticated
        try:
            request_refund(
                payment_id=row.pk, amount=row.remainder(), requested_by=request.user, reason=reason, now=now()
            )
        except RefundRefused as refused:
            return str(refused)
        return _("The refund waits for a second person, under Refunds.")


def _can_be_refunded(row: Payment) -> bool:
    return row.state in CAPTURED and row.remainder() > 0 and not row.refunds.filter(state__in=REFUND_LIVE).exists()


@admin.register(Settlement)
class SettlementAdmin(AuditedAdmin):
    value_words = {"method": METHODS}
    list_display = ["receipt_number", "amount", "surplus", "day", "method", "approved_at", "recorded_at"]
    list_select_related = False
    raw_id_fields = ["payment"]
    can_reveal = False

    def citizen_of(self, row: Any) -> UUID | None:
        found: UUID = row.payment.bill.citizen_id
        return found


@admin.register(ProviderEvent)
class ProviderEventAdmin(ReadOnlyAdmin):
    value_words = {"provider": PROVIDERS}
    list_display = ["id", "provider", "event_id", "kind", "payment_id", "received_at"]
    list_select_related = False
    raw_id_fields = ["payment"]


@admin.register(EventCount)
class EventCountAdmin(ReadOnlyAdmin):
    value_words = {"provider": PROVIDERS, "kind": EVENTS_NOT_KEPT}
    list_display = ["provider", "kind", "hour", "times"]
    list_filter = [
        choice_filter("provider", gettext_lazy("payment service"), PROVIDERS),
        choice_filter("kind", gettext_lazy("kind"), EVENTS_NOT_KEPT),
    ]
