"""Show the outbox to the agencies, and send again what an agency refused."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payments.checkout.post_to_agency import report_again
from payments.models import AgencyPosting
from payments.states import REFUSED
from payments.words import PAYMENT_STATES, POSTING_STATES
from secretary.kernel.backoffice import AuditedAdmin, actor_of, choice_filter
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.time.clock import now


@admin.register(AgencyPosting)
class AgencyPostingAdmin(StepsAdmin, AuditedAdmin):
    value_words = {"kind": PAYMENT_STATES, "state": POSTING_STATES}
    list_display = ["posting_id", "kind", "amount", "state", "attempts", "next_at", "acknowledged_at", "reference"]
    list_filter = [choice_filter("state", gettext_lazy("state"), POSTING_STATES)]
    list_select_related = False
    raw_id_fields = ["payment", "refund"]
    change_form_template = "admin/secretary/steps_form.html"
    can_reveal = False

    def citizen_of(self, row: Any) -> UUID | None:
        found: UUID = row.payment.bill.citizen_id
        return found

    def steps(self) -> dict[str, Step]:
        return {
            "report": Step(gettext_lazy("Send to the agency again"), self._report, lambda row: row.state == REFUSED)
        }

    def _report(self, request: HttpRequest, row: AgencyPosting, reason: str) -> str:
        reported = report_again(posting_id=row.pk, actor=actor_of(request), reason=reason, now=now())
        return _("The posting is being sent to the agency again.") if reported else _("It is no longer pending.")
