from django.contrib import admin

from secretary.kernel.backoffice import ReadOnlyAdmin
from subscriptions.admin.editor.place_words import LANGUAGE_NAMES
from subscriptions.models import Attempt, PhoneCode


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    """Counters of limited attempts. Their keys are hashes."""

    ordering = ["-pk"]


@admin.register(PhoneCode)
class PhoneCodeAdmin(ReadOnlyAdmin):
    """Sign-in codes that were asked for. Number and code are encrypted, and not shown."""

    list_display = ["id", "asked_at", "handed_at", "used_at", "tries"]
    fields = ["asked_at", "handed_at", "used_at", "tries", "language"]
    value_words = {"language": LANGUAGE_NAMES}
    ordering = ["-id"]
