"""Refunds: requested in whole from a payment's page or in part here, decided here by a second person."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payments.models import Refund
from payments.refunds.request_refund import RefundRefused, approve_refund, reject_refund, request_refund
from payments.states import REQUESTED
from payments.words import REFUND_STATES, REFUNDED_BECAUSE
from secretary.kernel.backoffice import AuditedAdmin, actor_of, choice_filter
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.time.clock import now

WANTED = ["payment", "amount", "reason"]


class RefundForm(forms.ModelForm):  # type: ignore[type-arg]
    """Validate the request for a partial refund. `request_refund` refuses what is impossible, with a reason."""

    asked_by: Any = None

    class Meta:
        model = Refund
        fields = WANTED

    def clean(self) -> dict[str, Any]:
        wanted = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.instance = request_refund(
                    payment_id=wanted["payment"].pk,
                    amount=wanted["amount"],
                    requested_by=self.asked_by,
                    reason=wanted["reason"],
                    now=now(),
                )
            except RefundRefused as refused:
                raise forms.ValidationError(str(refused)) from refused
        return wanted


@admin.register(Refund)
class RefundAdmin(StepsAdmin, AuditedAdmin):
    form = RefundForm
    value_words = {"state": REFUND_STATES, "reason": REFUNDED_BECAUSE}
    list_display = ["id", "payment_id", "amount", "state", "outside", "requested_by", "approved_by", "requested_at"]
    list_filter = [choice_filter("state", gettext_lazy("state"), REFUND_STATES)]
    list_select_related = ["requested_by", "approved_by"]
    raw_id_fields = ["payment"]
    change_form_template = "admin/secretary/steps_form.html"
    can_reveal = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("payments.add_refund"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj is not None else WANTED

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("RefundFormOfOne", (form,), {"asked_by": request.user})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """`request_refund` has written it."""

    def citizen_of(self, row: Any) -> UUID | None:
        found: UUID = row.payment.bill.citizen_id
        return found

    def steps(self) -> dict[str, Step]:
        warning = gettext_lazy(
            "The money is refunded to the person at once; where the provider has refunded it already, no request is "
            "sent, the refund is booked and the agency is notified. The person who requested it cannot approve it."
        )
        return {
            "approve": Step(gettext_lazy("Approve"), self._approve, _waits, warning),
            "reject": Step(gettext_lazy("Reject"), self._reject, _waits),
        }

    def _approve(self, request: HttpRequest, row: Refund, reason: str) -> str:
        assert request.user.is_authenticated
        try:
            approve_refund(refund_id=row.pk, approved_by=request.user, reason=reason, now=now())
        except RefundRefused as refused:
            return str(refused)
        return _("The refund is approved and under way.")

    def _reject(self, request: HttpRequest, row: Refund, reason: str) -> str:
        try:
            reject_refund(refund_id=row.pk, actor=actor_of(request), reason=reason, now=now())
        except RefundRefused as refused:
            return str(refused)
        return _("The refund is rejected.")


def _waits(row: Refund) -> bool:
    return row.state == REQUESTED
