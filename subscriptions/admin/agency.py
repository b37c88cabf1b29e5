from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from secretary.kernel.backoffice import PlainAdmin, staff_id
from subscriptions.models import Agency, AgencyStaff


@admin.register(Agency)
class AgencyAdmin(PlainAdmin):
    """기관. Its code is in records' encryption and in the API, so it never changes.

    A change reaches citizens with the next approved version of each of its data types.
    """

    list_display = ["code", "name_ko", "name_en", "phone"]
    search_fields = ["code", "name_ko", "name_en"]
    fields = ["code", "name_ko", "name_en", "phone", "shown_to_citizens"]
    change_form_template = "admin/secretary/agency_form.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code", "shown_to_citizens"] if obj else ["shown_to_citizens"]

    def save_model(self, request: HttpRequest, obj: Agency, form: Any, change: bool) -> None:
        if form.has_changed():
            obj.edited_by = sorted({*obj.edited_by, staff_id(request)})
        super().save_model(request, obj, form, change)

    @admin.display(description=_("what citizens read today"))
    def shown_to_citizens(self, row: Agency) -> str:
        types = row.data_types.filter(live_version__isnull=False).select_related("live_version")
        named = [f"{item}: {item.agency_name('ko')} {item.agency_phone()}" for item in types]
        return "\n".join(named) or "–"


@admin.register(AgencyStaff)
class AgencyStaffAdmin(PlainAdmin):
    """People of agencies, who sign in at /agencies/ and see what their agency sent."""

    list_display = ["user", "agency", "active"]
    list_filter = ["active", "agency"]
    list_select_related = ["user", "agency"]
    raw_id_fields = ["user"]
    search_fields = ["user__username", "agency__code"]
    search_help_text = _("Account, or code of the agency")
