from django.contrib import admin

from secretary.kernel.backoffice import ReadOnlyAdmin
from subscriptions.models import NameKeyMove


@admin.register(NameKeyMove)
class NameKeyMoveAdmin(ReadOnlyAdmin):
    list_display = ["looked_at", "moved", "merged", "finished_at"]
    ordering = ["-id"]
