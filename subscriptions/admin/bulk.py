from django.contrib import admin

from secretary.kernel.backoffice.pages import ReadOnlyAdmin
from subscriptions.models import BulkChunk, BulkRefusal, BulkUpload


@admin.register(BulkUpload)
class BulkUploadAdmin(ReadOnlyAdmin):
    """Lists of seniors: who uploaded them, and counts. Only that official sees their content, on /officials/lists/."""

    list_display = ["id", "official_id", "state", "uploaded_at", "total", "valid", "wrong", "unchanged", "written"]
    fields = [
        *(
            "official",
            "state",
            "refusal",
            "refusal_detail",
            "uploaded_at",
            "confirmed_at",
            "expires_at",
            "emptied_at",
            "total",
        ),
        *("looked_at", "valid", "wrong", "unchanged", "written", "tries"),
    ]
    list_filter = ["state"]
    list_select_related = False


@admin.register(BulkChunk)
class BulkChunkAdmin(ReadOnlyAdmin):
    list_display = ["id", "upload_id", "number", "written_at"]
    fields = ["upload", "number", "written_at"]
    list_select_related = False


@admin.register(BulkRefusal)
class BulkRefusalAdmin(ReadOnlyAdmin):
    list_display = ["id", "upload_id", "row"]
    fields = ["upload", "row"]
    list_select_related = False
