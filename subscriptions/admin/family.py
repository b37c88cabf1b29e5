from django.contrib import admin

from secretary.kernel.backoffice import AuditedAdmin
from secretary.kernel.backoffice.pages import ReadOnlyAdmin
from subscriptions.admin.editor.place_words import LANGUAGE_NAMES
from subscriptions.models import FamilyMember, FamilyNumber, FamilyText
from subscriptions.models.family.family_member import STATES as MEMBER_STATES
from subscriptions.models.family.family_text import KINDS, STATES


@admin.register(FamilyMember)
class FamilyMemberAdmin(AuditedAdmin):
    """Family members whom seniors have named. Their names and numbers are shown nowhere in the administration."""

    value_words = {"state": MEMBER_STATES, "language": LANGUAGE_NAMES}
    list_display = ["pk", "citizen_id", "state", "named_at", "answered_at", "ended_at"]
    fields = ["citizen", "state", "named_at", "answered_at", "ended_at", "text", "language"]
    raw_id_fields = ["citizen"]
    list_select_related = False
    can_reveal = False


@admin.register(FamilyText)
class FamilyTextAdmin(ReadOnlyAdmin):
    value_words = {"kind": KINDS, "state": STATES}
    list_display = ["pk", "member_id", "kind", "notice_id", "state", "code", "created_at", "sent_at"]
    fields = ["member", "kind", "notice_id", "state", "code", "tries", "created_at", "not_before", "sent_at"]
    raw_id_fields = ["member"]
    list_select_related = False


@admin.register(FamilyNumber)
class FamilyNumberAdmin(ReadOnlyAdmin):
    """Only a keyed hash of a number is stored: it leads to no person."""

    list_display = ["pk", "since", "questions", "declined_at"]
    fields = ["since", "questions", "declined_at"]
