from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from secretary.kernel.backoffice import AuditedAdmin
from subscriptions.models import TossLink

STATES = {
    TossLink.WAITING: _("waiting"),
    TossLink.LINKED: _("linked to Toss"),
    TossLink.ANOTHER_PERSON: _("refused: another person"),
    TossLink.REFUSED: _("refused"),
}


@admin.register(TossLink)
class TossLinkAdmin(AuditedAdmin):
    """Links to the Toss app that citizens have begun. Only a hash of the link's code is stored."""

    list_display = ["pk", "citizen_id", "state", "started_at", "expires_at"]
    value_words = {"state": STATES}
    fields = ["citizen", "state", "started_at", "expires_at"]
    raw_id_fields = ["citizen"]
    list_select_related = False
    can_reveal = False
