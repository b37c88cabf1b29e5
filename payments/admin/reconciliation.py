"""Show reconciliation: the days, and the page of differences with the remedy of each."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payments.models import Difference, ReconcileRun
from payments.reconciliation.reconcile import resolve_difference
from payments.reconciliation.remedies import KINDS, REMEDIES
from secretary.kernel.backoffice import ReadOnlyAdmin, actor_of, choice_filter
from secretary.kernel.backoffice.filters import null_filter
from secretary.kernel.backoffice.steps import Step, StepsAdmin
from secretary.kernel.time.clock import now

RESOLVED = null_filter(
    "resolved_at", gettext_lazy("resolved"), empty=gettext_lazy("not resolved"), filled=gettext_lazy("resolved")
)


@admin.register(ReconcileRun)
class ReconcileRunAdmin(ReadOnlyAdmin):
    list_display = [
        "day",
        "complete",
        "provider_total",
        "ledger_total",
        "due_to_agencies",
        "agency_total",
        "unresolved",
    ]

    @admin.display(description=gettext_lazy("not resolved"))
    def unresolved(self, row: ReconcileRun) -> int:
        return row.differences.filter(resolved_at=None).count()


@admin.register(Difference)
class DifferenceAdmin(StepsAdmin, ReadOnlyAdmin):
    list_display = ["run", "what", "where", "reference", "ours", "theirs", "resolved_at"]
    list_filter = [RESOLVED, choice_filter("kind", gettext_lazy("kind"), KINDS)]
    list_select_related = ["run"]
    fields = [
        *("run", "what", "remedy", "where", "reference", "payment", "ours", "theirs", "found_at"),
        *("resolved_at", "resolved_by", "resolution"),
    ]
    readonly_fields = ["what", "remedy"]
    raw_id_fields = ["payment"]

    def steps(self) -> dict[str, Step]:
        return {"resolve": Step(gettext_lazy("Resolve"), self._resolve, lambda row: row.resolved_at is None)}

    def _resolve(self, request: HttpRequest, row: Difference, reason: str) -> str:
        resolved = resolve_difference(difference_id=row.pk, actor=actor_of(request), reason=reason, now=now())
        return _("The difference is resolved.") if resolved else _("It was already resolved.")

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def what(self, row: Difference) -> str:
        return str(KINDS.get(row.kind, row.kind))

    @admin.display(description=gettext_lazy("remedy"))
    def remedy(self, row: Difference) -> str:
        return str(REMEDIES.get(row.kind, ""))
