from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from secretary.kernel.backoffice import PlainAdmin
from subscriptions.models import Office, Official


@admin.register(Office)
class OfficeAdmin(PlainAdmin):
    list_display = ["code", "name_ko", "name_en"]
    search_fields = ["code", "name_ko", "name_en"]


@admin.register(Official)
class OfficialAdmin(PlainAdmin):
    list_display = ["user", "office", "manager", "active"]
    list_filter = ["active", "manager"]
    list_select_related = ["user", "office"]
    raw_id_fields = ["user", "office"]
    search_fields = ["user__username", "office__name_ko", "office__code"]
    search_help_text = _("Account, or name or code of the office")
