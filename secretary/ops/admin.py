"""Show auditors who looked at whom: the months, a month's members of staff, and the people whom one of them looked at.

Each page and each file is on record, as every look is.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from secretary.kernel.audit.audit import record_audit
from secretary.kernel.audit.code_names import known_codes
from secretary.kernel.audit.report_looks import RULES
from secretary.kernel.backoffice import ReadOnlyAdmin, actor_of
from secretary.kernel.backoffice.trail_words import actor_code, actor_words
from secretary.kernel.models import LookReport, LookReportLine, LookReportMember
from secretary.kernel.persons.identifiers import row_number
from secretary.kernel.time.clock import now
from secretary.ops.look_file import names_of, report_as_csv, stated_reasons

SIZE = 100
COUNTS = ("looks", "revealed", "unexplained", "out_of_hours", "refused", "stands_out")


@admin.register(LookReport)
class LookReportAdmin(ReadOnlyAdmin):
    list_display = ["month", "members", "looks", "marked", "made_at"]
    fields = ["month", "members", "looks", "marked", "made_at"]
    change_form_template = "admin/secretary/look_report.html"

    def get_urls(self) -> list[URLPattern]:
        view: Callable[..., HttpResponseBase] = self.admin_site.admin_view(self.file_view)
        return [path("<path:object_id>/file/", view, name="common_lookreport_file"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        report = self.get_object(request, object_id)
        if report is None or not self.has_view_permission(request, report):
            return super().change_view(request, object_id, form_url, extra_context)
        _record(request, "report.read", f"look report:{report}")
        rows = LookReportMember.objects.filter(report=report)
        members, onward = _page(request, rows)
        names = names_of(member.actor for member in members)
        codes = known_codes()
        named = [
            (member, actor_words(member.actor, codes), names.get(member.actor, ""), _words(member))
            for member in members
        ]
        context = {"named": named, "onward": onward, "rules": RULES, "report": report}
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def file_view(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        """Hand out the whole report as CSV."""
        report = self.get_object(request, object_id)
        if not self.has_view_permission(request):
            raise PermissionDenied
        if report is None:
            raise Http404
        _record(request, "report.exported", f"look report:{report}")
        response = StreamingHttpResponse(report_as_csv(report), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="accesses-{report}.csv"'
        response["Cache-Control"] = "no-store"
        return response


class _CountsAdmin(ReadOnlyAdmin):
    readonly_fields = ["who", "stands_out"]

    @admin.display(description=_("actor"), ordering="actor")
    def who(self, row: Any) -> str:
        return actor_words(row.actor, known_codes())

    @admin.display(description=_("standing out"))
    def stands_out(self, row: Any) -> str:
        return " ".join(map(str, _words(row))) or "–"


@admin.register(LookReportMember)
class LookReportMemberAdmin(_CountsAdmin):
    list_display = ["report", "who", "people", *COUNTS]
    list_select_related = ["report"]
    fields = ["report", "who", "people", *COUNTS]
    search_fields = ["=actor"]
    search_help_text = _("Such as staff 3, official 12")
    change_form_template = "admin/secretary/look_report_member.html"

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Find an actor who is named as the page names them."""
        return super().get_search_results(request, queryset, actor_code(search_term))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        member = self.get_object(request, object_id)
        if member is None or not self.has_view_permission(request, member):
            return super().change_view(request, object_id, form_url, extra_context)
        _record(request, "report.read", f"look report:{member.report} {member.actor}")
        rows = LookReportLine.objects.filter(report=member.report_id, actor=member.actor)
        lines, onward = _page(request, rows)
        reasons = stated_reasons(member.report, member.actor, [line.citizen_id for line in lines])
        explained = [(line, reasons.get(line.citizen_id, []), _words(line)) for line in lines]
        context = {"lines": explained, "onward": onward, "name": names_of([member.actor]).get(member.actor, "")}
        context |= {"trail": _trail(member), "report": member.report}
        context["who"] = actor_words(member.actor, known_codes())
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})


@admin.register(LookReportLine)
class LookReportLineAdmin(_CountsAdmin):
    list_display = ["report", "who", "citizen_id", "days", *COUNTS]
    list_select_related = ["report"]
    fields = ["report", "who", "citizen_id", "days", *COUNTS]


def _page(request: HttpRequest, rows: Any) -> tuple[list[Any], int | None]:
    """Return the rows after the one that the address names, and what leads to the next page; None: the last one."""
    after = row_number(request.GET.get("after", "0")) or 0
    found = list(rows.filter(pk__gt=after).order_by("pk")[: SIZE + 1])
    return found[:SIZE], found[SIZE - 1].pk if len(found) > SIZE else None


def _words(row: Any) -> list[Any]:
    return [RULES[mark] for mark in row.marks if mark in RULES]


def _trail(member: LookReportMember) -> str:
    """Return the address of the trail that shows what was counted here."""
    return f"{reverse('admin:common_auditevent_changelist')}?actor={member.actor}"


def _record(request: HttpRequest, action: str, place: str) -> None:
    record_audit(now=now(), actor=actor_of(request), action=action, object=place)
