"""List data types with what is live, and create one with its first draft; all content is edited in versions."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from secretary.kernel.backoffice import PlainAdmin, choice_filter
from secretary.kernel.backoffice.typed_again import PAGE_FORM, fill_again, typed_again
from secretary.kernel.persons.identifiers import row_number
from secretary.kernel.time.clock import now
from subscriptions.admin.editor.basics import NewDataTypeForm
from subscriptions.data_types.drafts import create_data_type
from subscriptions.models import DataType, DataTypeVersion
from subscriptions.models.data_type import GROUPS, OF_THE_SERVICE
from subscriptions.tariff_names import tariff_name

DRAFT, REVIEW, LIVE = DataTypeVersion.DRAFT, DataTypeVersion.REVIEW, DataTypeVersion.LIVE


class StateFilter(admin.SimpleListFilter):
    """What citizens are offered, what is not yet live, and what waits for an approver."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            (LIVE, gettext_lazy("live")),
            (DRAFT, gettext_lazy("not yet live")),
            (REVIEW, gettext_lazy("in review")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[DataType]) -> QuerySet[DataType]:
        if self.value() == REVIEW:
            return queryset.filter(Exists(_versions().filter(state=REVIEW)))
        return (
            queryset.filter(live_version__isnull=self.value() == DRAFT) if self.value() in (LIVE, DRAFT) else queryset
        )


class DataTypeFilter(admin.SimpleListFilter):
    """By data type, each under its name: of the live version, else of the newest one. One statement for all."""

    title = gettext_lazy("data type")
    parameter_name = "data_type__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        language = "en" if get_language() == "en" else "ko"
        newest = Subquery(_versions().order_by("-number").values(f"name_{language}")[:1])
        name = Coalesce(f"live_version__name_{language}", newest, "code", output_field=CharField())
        return [(str(number), words) for number, words in DataType.objects.values_list("pk", name)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        number = row_number(self.value() or "")
        return queryset if number is None else queryset.filter(data_type=number)


@admin.register(DataType)
class DataTypeAdmin(PlainAdmin):
    list_display = ["called", "state", "agency", "grouped", "newest"]
    list_display_links = ["called"]
    list_filter = [StateFilter, choice_filter("group", gettext_lazy("group"), GROUPS), "agency"]
    list_select_related = ["agency", "live_version"]
    search_fields = ["code", "versions__name_ko", "versions__name_en"]
    fields = ["code", "agency", "grouped", "tariff", "live", "newest", "position"]
    readonly_fields = ["code", "agency", "grouped", "tariff", "live", "newest"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DataType]:
        """Return the data types with their newest versions, in one statement."""
        newest = _versions().order_by("-number")
        columns = {f"newest_{name}": Subquery(newest.values(name)[:1]) for name in ("pk", "number", "state", "name_ko")}
        rows: QuerySet[DataType] = super().get_queryset(request).annotate(**columns)
        return rows

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        kinds = DataType.objects.exclude(code__in=OF_THE_SERVICE)
        live = kinds.filter(live_version__isnull=False).count()
        counts = {"live": live, "others": kinds.count() - live}
        title = _("Data types: %(live)d live, %(others)d not yet live") % counts
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Create a data type and redirect to the page of its first draft."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewDataTypeForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            version = create_data_type(**form.cleaned_data, by=request.user, now=now())  # type: ignore[arg-type]
            return HttpResponseRedirect(reverse("admin:subscriptions_datatypeversion_write", args=[version.pk]))
        fill_again(form, typed_again(request))
        page = {"title": _("New data type"), "form": form, "opts": self.opts, "is_draft": True, "page_form": PAGE_FORM}
        context = {**self.admin_site.each_context(request), **page}
        return TemplateResponse(request, "admin/editor/form.html", context)

    @admin.display(description=gettext_lazy("name"))
    def called(self, row: DataType) -> str:
        return row.name("ko") if row.live_version else _newest(row, "name_ko") or "–"

    @admin.display(description=gettext_lazy("group"), ordering="group")
    def grouped(self, row: DataType) -> str:
        return str(GROUPS.get(row.group, row.group))

    @admin.display(description=gettext_lazy("tariff"))
    def tariff(self, row: DataType) -> str:
        return tariff_name(row.payable) or "–"

    @admin.display(description=gettext_lazy("state"))
    def state(self, row: DataType) -> str:
        """Return whether it is live, and what else there is of it: a draft, or a version in review."""
        newest = _newest(row, "state")
        states = [LIVE] if row.live_version else []
        states += [newest] if newest in (DRAFT, REVIEW) else []
        return ", ".join(str(DataTypeVersion.STATES[state]) for state in states) or "–"

    @admin.display(description=gettext_lazy("live version"))
    def live(self, row: DataType) -> str:
        version = row.live_version
        return _link(version.pk, version.number, version.state) if version else "–"

    @admin.display(description=gettext_lazy("newest version"))
    def newest(self, row: DataType) -> str:
        number = _newest(row, "number")
        return _link(_newest(row, "pk"), number, _newest(row, "state")) if number else "–"


def _versions() -> QuerySet[DataTypeVersion]:
    return DataTypeVersion.objects.filter(data_type=OuterRef("pk"))


def _newest(row: DataType, column: str) -> Any:
    """Return a column of the row's newest version, which `get_queryset` has read with it; None without one."""
    return getattr(row, f"newest_{column}")


def _url(version: int) -> str:
    return reverse("admin:subscriptions_datatypeversion_change", args=[version])


def _link(version: int, number: int, state: str) -> str:
    return format_html('<a href="{}">v{} ({})</a>', _url(version), number, DataTypeVersion.STATES[state])
