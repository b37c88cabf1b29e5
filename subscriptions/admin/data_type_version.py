"""List versions of data types, and route to the editor's pages."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from secretary.kernel.backoffice import ReadOnlyAdmin, choice_filter
from secretary.kernel.persons.identifiers import row_number
from subscriptions.admin.data_type import DataTypeFilter
from subscriptions.admin.editor import (
    basics,
    differences,
    fields,
    overview,
    review,
    stages,
    steps,
    templates,
    write,
)
from subscriptions.admin.editor.page import APPROVE, CHANGE, VIEW, Page
from subscriptions.admin.editor.place_words import LANGUAGE_NAMES
from subscriptions.admin.editor.stages import STATE_NAMES
from subscriptions.admin.template_codes import template_codes
from subscriptions.models import DataTypeVersion, MessageTemplate, Stage, TemplateVariant
from subscriptions.models.channel_choice import CHANNELS
from subscriptions.triggers import TRIGGERS

TEMPLATE = "<int:pk>/stages/<int:stage_id>/templates/<slug:channel>/<slug:language>/"

TRIGGER_NAMES = {code: trigger.label for code, trigger in TRIGGERS.items()}

PAGES: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
    "write": ("<int:pk>/write/", write.write_whole),
    "template_preview": (f"{TEMPLATE}preview/", write.preview_template),
    "basics": ("<int:pk>/basics/", basics.edit_basics),
    "consent": ("<int:pk>/consent/", basics.edit_consent),
    "field_add": ("<int:pk>/fields/add/", fields.edit_field),
    "field_delete": ("<int:pk>/fields/<slug:name>/delete/", fields.delete_field),
    "field": ("<int:pk>/fields/<slug:name>/", fields.edit_field),
    "stage_add": ("<int:pk>/stages/add/", stages.edit_stage),
    "stage_delete": ("<int:pk>/stages/<int:stage_id>/delete/", stages.delete_stage),
    "stage": ("<int:pk>/stages/<int:stage_id>/", stages.edit_stage),
    "template_delete": (f"{TEMPLATE}delete/", templates.delete_template),
    "template_code": (f"{TEMPLATE}template-code/", templates.edit_template_code),
    "template_code_decision": (f"{TEMPLATE}template-code/decision/", templates.decide_template_code),
    "template": (TEMPLATE, templates.edit_template),
    "differences": ("<int:pk>/differences/<int:other>/", differences.show_differences),
    "submit": ("<int:pk>/submit/", steps.submit_version),
    "send_back": ("<int:pk>/send-back/", steps.send_version_back),
    "review": ("<int:pk>/review/", review.show_review),
    "cancel": ("<int:pk>/cancel/", steps.cancel_version),
    "approve": ("<int:pk>/approve/", steps.approve_version),
    "new_draft": ("<int:pk>/new-draft/", steps.start_draft),
    "roll_back": ("<int:pk>/roll-back/", steps.bring_back),
    "discard": ("<int:pk>/discard/", steps.discard_draft),
}

DECISIONS = ("approve", "send_back", "template_code_decision")  # the steps of a second person
STOPS = ("cancel",)  # of who may write, and of who may approve


@admin.register(DataTypeVersion)
class DataTypeVersionAdmin(ReadOnlyAdmin):
    list_display = ["called", "number", "state", "source", "created_by", "approved_by", "approved_at"]
    list_display_links = ["called", "number"]
    value_words = {"state": DataTypeVersion.STATES, "source": DataTypeVersion.SOURCES}
    list_filter = [choice_filter("state", _("state"), DataTypeVersion.STATES), DataTypeFilter]
    list_select_related = ["data_type", "created_by", "approved_by"]
    search_fields = ["data_type__code", "name_ko", "name_en"]

    @admin.display(description=_("data type"), ordering="data_type")
    def called(self, row: DataTypeVersion) -> str:
        return row.text("name", get_language() or "ko")

    def get_urls(self) -> list[URLPattern]:
        ours = [
            path(
                route, self.admin_site.admin_view(self._shown(name, view)), name=f"subscriptions_datatypeversion_{name}"
            )
            for name, (route, view) in PAGES.items()
        ]
        return [*ours, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        number = row_number(object_id)
        if number is None:
            raise Http404
        return overview.overview(Page(self.admin_site, request, number))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(VIEW) or request.user.has_perm(CHANGE)

    def _shown(self, name: str, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """Require the view permission for reading, change for writing, and approve for a decision."""

        def show(request: HttpRequest, pk: int, **arguments: Any) -> HttpResponse:
            needs = APPROVE if name in DECISIONS else VIEW if request.method in ("GET", "HEAD") else CHANGE
            if name in STOPS and request.user.has_perm(APPROVE):
                needs = APPROVE
            return view(Page(self.admin_site, request, pk, needs=needs), **arguments)

        return show


@admin.register(Stage)
class StageAdmin(ReadOnlyAdmin):
    """Read-only here: edited in the data type editor."""

    list_display = ["version", "label_ko", "trigger", "date", "offset_days", "urgent"]
    exclude = ["code", "field", "states"]
    readonly_fields = ["date", "only_while"]
    list_filter = [choice_filter("trigger", _("trigger"), TRIGGER_NAMES)]
    value_words = {"trigger": TRIGGER_NAMES}
    list_select_related = ["version"]
    search_fields = ["code", "version__data_type__code"]
    ordering = ["version", "position"]

    @admin.display(description=_("Only while the record is"))
    def only_while(self, row: Stage) -> str:
        return ", ".join(str(STATE_NAMES.get(state, state)) for state in row.states) or "–"

    @admin.display(description=_("Date of the record"), ordering="field")
    def date(self, row: Stage) -> str:
        """Return the label of the date that it hangs on."""
        language = "en" if get_language() == "en" else "ko"
        labels = {item["name"]: item["label"][language] for item in row.version.fields}
        return str(labels.get(row.field, row.field)) or "–"


@admin.register(MessageTemplate)
class MessageTemplateAdmin(ReadOnlyAdmin):
    """Read-only here: edited in the data type editor."""

    list_display = ["stage", "channel", "language", "title", "vendor_template"]
    value_words = {"channel": CHANNELS, "language": LANGUAGE_NAMES}
    list_filter = [
        choice_filter("channel", _("channel"), CHANNELS),
        choice_filter("language", _("language"), LANGUAGE_NAMES),
    ]
    list_select_related = ["stage__version"]
    search_fields = ["stage__code", "stage__version__data_type__code", "vendor_template"]
    change_list_template = "admin/secretary/template_list.html"

    def get_urls(self) -> list[URLPattern]:
        view: Callable[..., HttpResponse] = self.admin_site.admin_view(self.codes_view)
        return [path("codes/", view, name="subscriptions_template_codes"), *super().get_urls()]

    def codes_view(self, request: HttpRequest) -> HttpResponse:
        return template_codes(request, self.admin_site.each_context(request))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"may_load": request.user.has_perm(CHANGE), **(extra_context or {})})


@admin.register(TemplateVariant)
class TemplateVariantAdmin(ReadOnlyAdmin):
    list_display = ["template", "key", "vendor_template", "proposed_template", "proposed_by"]
    list_select_related = ["template__stage__version", "proposed_by"]
    ordering = ["-id"]
    search_fields = ["vendor_template"]
