from django.contrib import admin

from secretary.kernel.backoffice import ReadOnlyAdmin
from subscriptions.models import Attempt


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    """Counters of limited attempts. Their keys are hashes."""

    ordering = ["-pk"]
