"""Show operators what the citizens' site does in the background: copies, erasures, the walk. Nothing is edited here."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from citizens.models import CalendarEntry, CalendarFeed, DataExport, Erasure, OfficeCall, ReadNotice, RecordWalk
from citizens.models.office_call import OUTCOMES
from secretary.kernel.audit.code_names import name_codes
from secretary.kernel.backoffice import AuditedAdmin
from secretary.kernel.backoffice.pages import ReadOnlyAdmin

COPY_STATES = {"waiting": _("being made"), "ready": _("ready"), "failed": _("failed")}
ERASURE_STATES = {"waiting": _("under way"), "done": _("done")}
ERASED_BECAUSE = {"asked": _("the person asked for it"), "withdrew": _("all consent was withdrawn")}

name_codes({**COPY_STATES, **OUTCOMES})


@admin.register(DataExport)
class DataExportAdmin(AuditedAdmin):
    """Only the person can download the copy, on /my-data/."""

    value_words = {"state": COPY_STATES}
    list_display = ["id", "citizen_id", "state", "asked_at", "made_at", "expires_at", "done", "total", "tries"]
    fields = ["citizen", "state", "asked_at", "made_at", "expires_at", "done", "total", "tries"]
    raw_id_fields = ["citizen"]
    list_select_related = False
    can_reveal = False


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    """Requests to erase. A request holds its number, days and counts, and no personal data."""

    value_words = {"state": ERASURE_STATES, "why": ERASED_BECAUSE}
    list_display = ["id", "number", "state", "why", "asked_at", "promised_by", "finished_at", "done", "tries"]
    fields = [
        *("number", "state", "why", "asked_at", "promised_by", "finished_at", "done", "tries"),
        *("people", "removed", "kept"),
    ]


@admin.register(RecordWalk)
class RecordWalkAdmin(ReadOnlyAdmin):
    list_display = ["id", "after"]


@admin.register(ReadNotice)
class ReadNoticeAdmin(AuditedAdmin):
    list_display = ["pk", "citizen_id", "read_at"]
    fields = ["notice", "citizen", "read_at"]
    raw_id_fields = ["notice", "citizen"]
    list_select_related = False
    can_reveal = False


@admin.register(OfficeCall)
class OfficeCallAdmin(AuditedAdmin):
    value_words = {"outcome": OUTCOMES}
    list_display = ["pk", "citizen_id", "office", "called_at", "outcome", "next_call_on"]
    fields = ["citizen", "office", "notice_id", "called_at", "outcome", "next_call_on"]
    raw_id_fields = ["citizen"]
    list_select_related = ["office"]
    can_reveal = False


@admin.register(CalendarFeed)
class CalendarFeedAdmin(AuditedAdmin):
    """A person's address for calendars. Only a keyed hash of the address is stored."""

    list_display = ["pk", "citizen_id", "made_at", "read_at"]
    fields = ["citizen", "made_at", "read_at"]
    raw_id_fields = ["citizen"]
    list_select_related = False
    can_reveal = False


@admin.register(CalendarEntry)
class CalendarEntryAdmin(ReadOnlyAdmin):
    list_display = ["id", "feed_id", "field", "day", "sequence", "changed_at", "gone_at"]
    list_select_related = False
