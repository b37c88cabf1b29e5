"""Create data types with their first draft; all of their content is edited in versions."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from secretary.kernel.backoffice import PlainAdmin
from secretary.kernel.time.clock import now
from subscriptions.admin.editor.basics import NewDataTypeForm
from subscriptions.data_types.drafts import create_data_type
from subscriptions.models import DataType, DataTypeVersion


@admin.register(DataType)
class DataTypeAdmin(PlainAdmin):
    list_display = ["code", "called", "agency", "group", "position", "live", "newest"]
    list_filter = ["agency"]
    list_select_related = ["agency", "live_version"]
    search_fields = ["code"]
    fields = ["code", "agency", "group", "payable", "live", "newest", "position"]
    readonly_fields = ["code", "agency", "group", "payable", "live", "newest"]

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
            return HttpResponseRedirect(_url(version))
        page = {"title": _("New data type"), "form": form, "opts": self.opts, "is_draft": True}
        context = {**self.admin_site.each_context(request), **page}
        return TemplateResponse(request, "admin/editor/form.html", context)

    @admin.display(description=gettext_lazy("name"))
    def called(self, row: DataType) -> str:
        return row.name("ko")

    @admin.display(description=gettext_lazy("live version"))
    def live(self, row: DataType) -> str:
        return _link(row.live_version) if row.live_version else "–"

    @admin.display(description=gettext_lazy("newest version"))
    def newest(self, row: DataType) -> str:
        version = row.versions.order_by("-number").first()
        return _link(version) if version else "–"


def _url(version: DataTypeVersion) -> str:
    return reverse("admin:subscriptions_datatypeversion_change", args=[version.pk])


def _link(version: DataTypeVersion) -> str:
    state = DataTypeVersion.STATES[version.state]
    return format_html('<a href="{}">v{} ({})</a>', _url(version), version.number, state)
