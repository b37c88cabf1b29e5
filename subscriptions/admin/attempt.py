from collections.abc import Mapping
from typing import Any, Final

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from secretary.kernel.backoffice import ReadOnlyAdmin
from subscriptions.admin.editor.place_words import LANGUAGE_NAMES
from subscriptions.models import Attempt, PhoneCode

# Each limit of settings.ATTEMPT_LIMITS. One without words is a mistake that a test finds.
LIMITED: Final[Mapping[str, Any]] = {
    "family_named": _("family members named for a senior"),
    "caller_asked_person": _("identity questions about one person"),
    "caller_asked_staff": _("identity questions by one member of staff"),
    "sample_code_account": _("codes for test messages, by account"),
    "sample_code_phone": _("codes for test messages, to one number"),
    "sample_sent_account": _("test messages of staff, by account"),
    "details_session": _("identity checks begun, in one session"),
    "details_pair": _("identity checks begun, for one number from one address"),
    "details_address": _("identity checks begun, from one address"),
    "details_site": _("identity checks begun, from one network"),
    "details_overall": _("identity checks begun, in all"),
    "code_sent_session": _("identity codes sent, in one session"),
    "code_sent_phone": _("identity codes sent, to one number"),
    "code_sent_address": _("identity codes sent, from one address"),
    "code_sent_overall": _("identity codes sent, in all"),
    "code_tried_session": _("identity codes tried, in one session"),
    "code_tried_phone": _("identity codes tried, for one number"),
    "code_tried_address": _("identity codes tried, from one address"),
    "code_tried_site": _("identity codes tried, from one network"),
    "code_tried_overall": _("identity codes tried, in all"),
    "code_checked_address": _("check codes looked up, from one address"),
    "code_checked_site": _("check codes looked up, from one network"),
    "code_checked_overall": _("check codes looked up, in all"),
    "code_checked_short": _("short check codes looked up, in all"),
    "light_asked_session": _("sign-in codes sent, in one session"),
    "light_asked_phone": _("sign-in codes sent, to one number"),
    "light_asked_address": _("sign-in codes sent, from one address"),
    "light_asked_site": _("sign-in codes sent, from one network"),
    "light_asked_overall": _("sign-in codes sent, in all"),
    "light_tried_session": _("sign-in codes tried, in one session"),
    "light_tried_phone": _("sign-in codes tried, for one number"),
    "light_tried_address": _("sign-in codes tried, from one address"),
    "light_tried_overall": _("sign-in codes tried, in all"),
    "trial_person": _("test messages of one person"),
    "calendar_read": _("reads of one calendar address"),
    "totp_tried_account": _("authenticator codes tried, for one account"),
    "password_tried_account": _("own passwords tried, for one account"),
    "sign_in_address": _("failed staff sign-ins, from one address"),
    "sign_in_account": _("failed staff sign-ins, for one account"),
    "family_code_address": _("codes of family members tried, from one address"),
    "family_code_site": _("codes of family members tried, from one network"),
    "family_code_overall": _("codes of family members tried, in all"),
}


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    """Counters of limited attempts. Their keys are hashes."""

    list_display = ["id", "what", "window_start", "count"]
    value_words = {"what": LIMITED}
    ordering = ["-pk"]


@admin.register(PhoneCode)
class PhoneCodeAdmin(ReadOnlyAdmin):
    """Sign-in codes that were asked for. Number and code are encrypted, and not shown."""

    list_display = ["id", "asked_at", "handed_at", "used_at", "tries"]
    fields = ["asked_at", "handed_at", "used_at", "tries", "language"]
    value_words = {"language": LANGUAGE_NAMES}
    ordering = ["-id"]
